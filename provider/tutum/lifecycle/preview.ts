import type { Values } from "../../resource/table/field";
import { expectedOutputs } from "../../resource/table/outputs";
import { UNKNOWN } from "../../resource/table/unknown";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";

/** What the server says of an application once, and of the same one for ever. */
const CONSTANT = ["uniqueName", "publicDns", "owner", "endpoint", "userHash", "adoption"];
/** What comes of power and scale. */
const VARIABLE = ["state", "currentNumContainers", "runningNumContainers"];

/** Nothing asked: what is declared, and of what the server decides only what an update leaves alone. */
export function preview(_context: ApplicationContext, inputs: Values, oldOutputs?: Values): Values {
  const rests = ["running", "targetNumContainers"].every(name => oldOutputs?.[name] === inputs[name]);
  const known = [...CONSTANT, ...(rests ? VARIABLE : [])];
  const decided = [...CONSTANT, ...VARIABLE].map(name => [
    name,
    oldOutputs && known.includes(name) ? oldOutputs[name] : UNKNOWN,
  ]);
  return { ...expectedOutputs(applicationFields, inputs, oldOutputs), ...Object.fromEntries(decided) };
}
