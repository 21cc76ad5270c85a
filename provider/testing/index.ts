/** For tests of programs that use the package: without the Pulumi CLI by mocks, or against an embedded server. */
export { type EmbeddedServer, type EmbeddedServerOptions, startEmbeddedServer } from "./embedded-server";
export { type TutumMocks, tutumMocks } from "./mocks";
