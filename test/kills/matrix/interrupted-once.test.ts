import { killEverywhere } from "../matrix";

killEverywhere("SIGINT once");
