/** The input `adopt`: a creation that takes over an application which exists, instead of making one. */
import { isDeepStrictEqual } from "node:util";
import { ExpectedError } from "../../resource/lifecycle/failure";
import { diffFields, replacedProperties } from "../../resource/table/diff";
import { canonical, type Field, type Values } from "../../resource/table/field";
import { outputsOf } from "../../resource/table/outputs";
import { show } from "../../resource/table/schema";
import { type Application, isTutumLookupError } from "../client";
import { isGone } from "../client/states";
import type { ApplicationContext } from "./context";
import { applicationFields } from "./fields";
import { markOf } from "./owner";

/**
 * The application that the program says to adopt, if so and if it is as declared: what can be changed in place may
 * differ. Undefined in the replacement of an adopted one, which is to make a new application.
 */
export async function applicationToAdopt(
  context: ApplicationContext,
  inputs: Values,
): Promise<Application | undefined> {
  const { adopt } = inputs;
  if (typeof adopt !== "string") return undefined;
  const application = await find(context, adopt);
  const { ownership } = context;
  const { uuid } = application;
  if (ownership.isOf(uuid, inputs.resourceHash)) return undefined;
  const named = `${application.unique_name} (${application.uuid})`;
  const taken = () => new ExpectedError(`adopt ${show(adopt)}: another resource of this stack has ${named}.`);
  if (ownership.isTaken(uuid)) throw taken();
  if (isGone(application.state)) {
    throw new ExpectedError(`adopt ${show(adopt)}: ${named} is ${application.state}. Leave adopt out.`);
  }
  const differences = differencesOf(application, inputs);
  if (differences.length > 0) {
    throw new ExpectedError(
      `adopt ${show(adopt)}: ${named} is not as declared, and these only change by replacement:\n` +
        `${differences.map(line => `  ${line}`).join("\n")}\nDeclare them as they are, or leave adopt out.`,
    );
  }
  if (!ownership.claim(uuid, inputs.resourceHash)) throw taken();
  if (markOf(application) !== undefined) {
    context.warn(
      `${named} carries the mark of a stack: make sure that no other resource manages it any more.`,
    );
  }
  return application;
}

async function find({ client, signal }: ApplicationContext, reference: string): Promise<Application> {
  try {
    return await client.applications.find(reference, { signal });
  } catch (error) {
    if (!isTutumLookupError(error)) throw error;
    const way = error.candidates.length > 0 ? "Name it by its uuid." : "Leave adopt out to create one.";
    throw new ExpectedError(`adopt ${show(reference)}: ${error.message} ${way}`);
  }
}

function differencesOf(application: Application, inputs: Values): string[] {
  const there = outputsOf(applicationFields, application, inputs);
  return replacedProperties(diffFields(applicationFields, there, inputs)).flatMap(name =>
    difference(name, there[name], inputs[name]),
  );
}

/** One line for each difference; of what may be secret no value, of environment variables the names. */
function difference(name: string, there: unknown, declared: unknown): string[] {
  if (name === "containerEnvvars") return variables((there ?? {}) as Values, (declared ?? {}) as Values);
  const field: Field<Application> = applicationFields[name as keyof typeof applicationFields];
  if (field.sensitive) return [`${name} differs`];
  const shown = (value: unknown) => {
    const meant = canonical(field, value);
    return meant === undefined ? "none" : show(meant);
  };
  return [`${name}: ${shown(there)} there, ${shown(declared)} declared`];
}

function variables(there: Values, declared: Values): string[] {
  return [...new Set([...Object.keys(there), ...Object.keys(declared)])]
    .filter(key => !isDeepStrictEqual(there[key], declared[key]))
    .map(key => {
      if (!Object.hasOwn(there, key)) return `containerEnvvars: ${key} is not set there`;
      if (!Object.hasOwn(declared, key)) return `containerEnvvars: ${key} is not declared`;
      return `containerEnvvars: ${key} has another value there`;
    });
}
