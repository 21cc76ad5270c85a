type Prepare = NonNullable<typeof Error.prepareStackTrace>;

/**
 * Call stacks as the SDK expects them when a resource is made, the SDK's own frames and one of the resource's class, and
 * after those only what is the user's program: no frame of `own`, of a package or of Node. A stack in which nobody makes
 * a resource, or that has no such frame, stays as it is.
 */
export function onlyProgram(prepare: Prepare, own: string): Prepare {
  return (error, frames) => {
    const fileOf = (frame: NodeJS.CallSite) => frame.getFileName() ?? "node:";
    const ofProgram = (frame: NodeJS.CallSite) => !/^node:|[\\/]node_modules[\\/]/.test(fileOf(frame));
    const first = frames.findIndex(frame => fileOf(frame).startsWith(own));
    const program = frames.slice(first).filter(frame => ofProgram(frame) && !fileOf(frame).startsWith(own));
    const isKnown = first >= 0 && program.length > 0;
    return prepare(error, isKnown ? [...frames.slice(0, first + 1), ...program] : frames);
  };
}
