import { killEverywhere } from "../matrix";

killEverywhere("SIGKILL of the provider");
