import { FEWER_CHECKPOINTS, killEverywhere } from "../matrix";

killEverywhere("SIGKILL of the server", FEWER_CHECKPOINTS);
