/** For tests of programs that use the package: without the Pulumi CLI by mocks, or against an embedded server. */
export { UNKNOWN } from "../resource/table/unknown";
export { type EmbeddedServer, type EmbeddedServerOptions, startEmbeddedServer } from "./embedded-server";
export { type ApplicationOutputs, type TutumMocks, tutumMocks } from "./mocks";
export { type RanProgram, type RunProgramOptions, runProgram } from "./run-program";
