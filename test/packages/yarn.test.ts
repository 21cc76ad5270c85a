import { inProject } from "./installations";
import { lifecycleTests } from "./lifecycle";

lifecycleTests(inProject("yarn"));
