import { type CheckResult, checkFields } from "../../resource/check";
import type { Values } from "../../resource/field";
import { show } from "../../resource/schema";
import { hasUnknown } from "../../resource/unknown";
import type { ApplicationContext } from "./context";
import { applicationFields, type Port } from "./fields";

/** Every field by itself, then what fields ask of one another. */
export function check(_context: ApplicationContext, _oldInputs: Values, given: Values): CheckResult {
  const { inputs, failures } = checkFields(applicationFields, given);
  if (failures.length === 0 && inputs.webPublicDns !== undefined && !listensOnPort80(inputs.containerPorts)) {
    failures.push({
      property: "webPublicDns",
      reason:
        `webPublicDns ${show(inputs.webPublicDns)} needs an application that listens on port 80: ` +
        "add { innerPort: 80 } to containerPorts, or leave webPublicDns out",
    });
  }
  return { inputs, failures };
}

/** Ports left to the image, or not known yet, get the benefit of the doubt: the server decides at `up`. */
function listensOnPort80(ports: unknown): boolean {
  if (ports === undefined || hasUnknown(ports)) return true;
  return (ports as Port[]).some(port => port.innerPort === 80 && port.protocol === "tcp");
}
