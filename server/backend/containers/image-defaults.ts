import type { PortProtocol } from "../../../provider/tutum/client/types";
import type { ImageDefaults } from "../backend";
import { joinCommand } from "./command";

/** The part of an image's description that says how it wants to be run. */
export interface ImageConfig {
  ExposedPorts?: Record<string, unknown> | null;
  Cmd?: string[] | null;
  Entrypoint?: string[] | string | null;
}

export function imageDefaults({ ExposedPorts, Cmd, Entrypoint }: ImageConfig): ImageDefaults {
  const ports = Object.keys(ExposedPorts ?? {}).flatMap(key => {
    const [number, protocol = "tcp"] = key.split("/");
    // There are others (sctp), which the API has no word for.
    if (protocol !== "tcp" && protocol !== "udp") return [];
    return { protocol: protocol as PortProtocol, inner_port: Number(number) };
  });
  return {
    ports: ports.sort((a, b) => a.inner_port - b.inner_port || a.protocol.localeCompare(b.protocol)),
    run_command: joinCommand(Cmd),
    entrypoint: joinCommand(typeof Entrypoint === "string" ? [Entrypoint] : Entrypoint),
  };
}
