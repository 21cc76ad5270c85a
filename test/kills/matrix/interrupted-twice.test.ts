import { killEverywhere } from "../matrix";

killEverywhere("SIGINT twice");
