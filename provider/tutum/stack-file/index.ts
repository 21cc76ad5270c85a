/** Stack files of Tutum and Compose files: read for `ApplicationStack`, written as programs, written from applications. */
export { type Problem, problemsText, problemText, StackFileError } from "./problems";
export { readStackFile, type StackFile, type StackFileOptions } from "./read-stack-file";
