import { FEWER_CHECKPOINTS, killEverywhere } from "../matrix";

killEverywhere("SIGKILL of the provider", FEWER_CHECKPOINTS);
