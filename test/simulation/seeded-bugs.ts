/**
 * Bugs on purpose, each a text of one source and what it becomes: the simulator must find every one of them.
 * A text that is not there exactly once is an error, so that no bug silently vanishes in a refactoring.
 */
export interface SeededBug {
  name: string;
  file: string;
  from: string;
  to: string;
}

const CLIENT = "provider/tutum/client";
const LIFECYCLE = "provider/tutum/lifecycle";
const CORE = "provider/resource/lifecycle";

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: "a create whose answer was lost is sent again at once",
    file: "provider/http/retry.ts",
    from: 'retry !== "ambiguous");',
    to: "true);",
  },
  {
    name: "a create that a server failed to answer is sent again at once",
    file: "provider/http/retry.ts",
    from: '(retry !== "ambiguous" && isTransient(status))',
    to: "isTransient(status)",
  },
  {
    name: "a request delivered twice creates twice",
    file: `${CLIENT}/applications.ts`,
    from: '"Idempotency-Key": randomUUID()',
    to: "",
  },
  {
    name: "an answer about another application is believed",
    file: `${CLIENT}/decode.ts`,
    from: "if (decoded.uuid === uuidOf(reference)) return decoded;",
    to: "return decoded;",
  },
  {
    name: "a list that breaks off counts as complete",
    file: `${CLIENT}/pages.ts`,
    from: "await page({ offset, limit: PAGE_SIZE });",
    to: "await page({ offset, limit: PAGE_SIZE }).catch(() => ({ meta: { next: null }, objects: [] as T[] }));",
  },
  {
    name: "any 404 is proof that the application is gone",
    file: `${LIFECYCLE}/read.ts`,
    from: "await expectApplicationGone(context, id, oldOutputs);\n    context.intents.forget(oldOutputs.owner);\n    return undefined;",
    to: "return undefined;",
  },
  {
    name: "a refresh drops what it could not read",
    file: `${LIFECYCLE}/read.ts`,
    from: "if (!isTutumApiError(error) || error.status !== 404) throw error;",
    to: "if (!isTutumApiError(error)) throw error;\n    if (error.status !== 404) return undefined;",
  },
  {
    name: "a refresh loses the variables, secrets among them",
    file: `${LIFECYCLE}/read.ts`,
    from: "managed ? inputsOf(applicationFields, outputs)",
    to: "managed ? { ...inputsOf(applicationFields, outputs), containerEnvvars: {} }",
  },
  {
    name: "a partial failure lacks __provider",
    file: "provider/resource/dynamic/dynamic-provider.ts",
    from: "[PROVIDER]: inputs[PROVIDER] };",
    to: "};",
  },
  {
    name: "an update returns only what has changed",
    file: `${LIFECYCLE}/update.ts`,
    from: "return { outputs };",
    to: "return { outputs: Object.fromEntries(Object.entries(outputs).filter(([key]) => changed.includes(key))) };",
  },
  {
    name: "a failure after the 202 is thrown without the id",
    file: `${CORE}/failure.ts`,
    from: "throw new PartialFailure(id, ",
    to: 'throw new PartialFailure("", ',
  },
  {
    name: "a create does not look for the application of a killed run first",
    file: `${CORE}/create-once.ts`,
    from: 'return stable ? { do: "look" } : { do: "post", attempt: 1 };',
    to: 'return { do: "post", attempt: 1 };',
  },
  {
    name: "a create whose answer was lost is given up without a look",
    file: `${CORE}/create-once.ts`,
    from: "if (isDoubtful(error)) return { doubt: error };",
    to: "",
  },
  {
    name: "absence is certain after one look",
    file: `${CORE}/create-once.ts`,
    from: "{ looks: 3, ms: 60_000 }",
    to: "{ looks: 1, ms: 0 }",
  },
  {
    name: "a server that does not answer the search counts as absence",
    file: `${CORE}/create-once.ts`,
    from: "error.retryable ? { unanswered: error }",
    to: "error.retryable ? { found: [] }",
  },
  {
    name: "an application of the same name is taken over whatever its mark",
    file: `${LIFECYCLE}/owner.ts`,
    from: "if (markerIn(mark) !== marker) continue;",
    to: "earlier.left.push(application);\n    continue;",
  },
  {
    name: "what carries the marker is taken over without evidence",
    file: `${LIFECYCLE}/owner.ts`,
    from: "else if (isSame(application, inputs)) earlier.strangers.push(application);",
    to: "else if (isSame(application, inputs)) earlier.left.push(application);",
  },
  {
    name: "what a state may have counts as what none can have",
    file: `${LIFECYCLE}/intents.ts`,
    from: 'return this.#in("begun", resource, own);',
    to: 'return [...this.#in("begun", resource, own), ...this.#in("returned", resource, own)];',
  },
  {
    name: "leftover of a replacement not looked for",
    file: `${LIFECYCLE}/diff.ts`,
    from: ": cutShort(context, oldOutputs, inputs) };",
    to: ": {} };",
  },
  {
    name: "a creation is sent before it is noted",
    file: `${CORE}/create-once.ts`,
    from: "if (step.attempt === 1) creation.begin();",
    to: "",
  },
  {
    name: "what was taken over in a replacement is deleted as the old one",
    file: `${CORE}/ownership.ts`,
    from: "this.#takenOver.has(id) || keptByAnother",
    to: "this.#takenOver.has(id) && keptByAnother",
  },
  {
    name: "a delete does not wait for a busy application",
    file: `${LIFECYCLE}/terminate.ts`,
    from: "if (!mayBeBusy) throw error;",
    to: "if (!mayBeBusy) throw error;\n    if (isRefused(error)) return true;",
  },
  {
    name: "a change that did not arrive is not noticed",
    file: `${LIFECYCLE}/converge.ts`,
    from: "if (Object.keys(changes).length > 0) {",
    to: "if (Object.keys(changes).length > 1) {",
  },
  {
    name: "scaling a stopped application leaves it running",
    file: `${LIFECYCLE}/converge.ts`,
    from: '["running", "targetNumContainers"].some(name => run.only?.includes(name))',
    to: 'run.only.includes("running")',
  },
  {
    name: "the domain is never cleared",
    file: `${LIFECYCLE}/converge.ts`,
    from: 'names.includes("webPublicDns") && inputs.webPublicDns === undefined ? { web_public_dns: "" } : {};',
    to: "{};",
  },
  {
    name: "the server acknowledges before the change is synced",
    file: "server/host/storage/journal-file.ts",
    from: "await this.handle.datasync().catch(unsure);",
    to: "await Promise.resolve().catch(unsure);",
  },
];
