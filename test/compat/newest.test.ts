import { lifecycleTests } from "./lifecycle";
import { sdk } from "./sdk";

lifecycleTests(sdk("newest"));
