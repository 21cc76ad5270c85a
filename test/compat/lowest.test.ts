import { peerDependencies } from "../../package.json";
import { lifecycleTests } from "./lifecycle";
import { sdk } from "./sdk";

lifecycleTests(sdk("lowest"));

test("the lowest SDK is the lower end of the peer range", () => {
  expect(peerDependencies["@pulumi/pulumi"]).toBe(`^${sdk("lowest").version}`);
});
