import { ExpectedError, PartialFailure } from "../../resource/lifecycle/failure";
import type { Values } from "../../resource/table/field";
import { withoutSecrets } from "../../resource/table/secrets";
import { inStack } from "../accounts";
import { isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";

/** The engine refreshes and destroys with the settings of the last `up`: those the user has changed since are not in use. */
const EARLIER =
  " Refresh and destroy, also `up --refresh` and `preview --refresh`, use the settings of the last `pulumi up`: if they " +
  "have changed since, add --run-program.";

/** An operation whose errors speak of the stack's settings, and of which run's they may be. */
export function toldAsInStack<Args extends unknown[], Result>(
  settings: "current" | "earlier",
  operation: (context: ApplicationContext, ...args: Args) => Promise<Result>,
): (context: ApplicationContext, ...args: Args) => Promise<Result> {
  return async (context, ...args) => {
    try {
      return await operation(context, ...args);
    } catch (error) {
      const account = accountIn(args);
      const hide = withoutSecrets(...args.filter(isValues));
      if (error instanceof PartialFailure) {
        const reasons = error.reasons.map(reason => hide(inStack(reason, account)));
        throw new PartialFailure(error.id, error.outputs, reasons);
      }
      // Whoever refuses the key, or is not there, may be asked with settings that nobody means any more.
      if (!isTutumApiError(error) || !(error.status === 401 || error.status === undefined))
        throw hidden(error, hide);
      throw new ExpectedError(
        hide(inStack(error.message, account)) + (settings === "earlier" ? EARLIER : ""),
      );
    }
  };
}

/** The same error, so that whoever catches it knows it by its kind. */
function hidden(error: unknown, hide: (text: string) => string): unknown {
  if (error instanceof Error) {
    error.message = hide(error.message);
    if (error.stack !== undefined) error.stack = hide(error.stack);
  }
  return error;
}

function isValues(argument: unknown): argument is Values {
  return typeof argument === "object" && argument !== null;
}

/** The last of the arguments are the outputs or the inputs. */
function accountIn(args: unknown[]): string | undefined {
  const { account } = (args.at(-1) ?? {}) as Values;
  return typeof account === "string" ? account : undefined;
}
