import { FEWER_CHECKPOINTS, killEverywhere } from "../matrix";

killEverywhere("SIGKILL of the CLI", FEWER_CHECKPOINTS);
