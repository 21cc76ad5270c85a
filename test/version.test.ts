import { version } from "../package.json";
import { USER_AGENT } from "../provider/version";

test("requests say the version of the package", () => {
  expect(USER_AGENT).toBe(`pulumi-tutum/${version}`);
});
