/** What `programs/declared` reads from DECLARATIONS. */
import type { Stack } from "./stack";

export interface Declaration {
  name: string;
  args: Record<string, unknown>;
  /** Names of applications declared before. */
  links?: string[];
  /** Pulumi's resource options, resources by name; `transform` is put over the args by a transform. */
  options?: Record<string, unknown>;
}

/** An application with nothing but a name and an image, and what is given. */
export function hello(
  name: string,
  args: Record<string, unknown> = {},
  { links, ...options }: Record<string, unknown> & { links?: string[] } = {},
): Declaration {
  return { name, args: { image: "tutum/hello-world", ...args }, links, options };
}

/** What the stack's program declares from the next run on. */
export function declare(stack: Stack, ...declarations: Declaration[]): void {
  stack.env.DECLARATIONS = JSON.stringify(declarations);
}

export function urnOf(name: string, stack = "test"): string {
  return `urn:pulumi:${stack}::declared::pulumi-nodejs:dynamic/tutum:Application::${name}`;
}

/** Changes one of the declarations; the others stay as they are. */
export function redeclare(stack: Stack, changed: Declaration): void {
  declare(stack, ...declared(stack).map(each => (each.name === changed.name ? changed : each)));
}

/** Takes one of the declarations out of the program. */
export function undeclare(stack: Stack, name: string): void {
  declare(stack, ...declared(stack).filter(each => each.name !== name));
}

function declared(stack: Stack): Declaration[] {
  return JSON.parse(stack.env.DECLARATIONS ?? "[]") as Declaration[];
}
