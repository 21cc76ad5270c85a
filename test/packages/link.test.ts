import { linked } from "./installations";
import { lifecycleTests } from "./lifecycle";

lifecycleTests(linked());
