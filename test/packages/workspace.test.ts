import { inWorkspace } from "./installations";
import { lifecycleTests } from "./lifecycle";

lifecycleTests(inWorkspace());
