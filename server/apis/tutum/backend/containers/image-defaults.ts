import type { Logger } from "../../../../host/ports/logger";
import type { ImageDefaults, ImageReference } from "../../model/backend";
import type { InnerPort } from "../../model/records";
import { joinCommand } from "./command";
import { imageText } from "./registry";

/** The part of an image's description that says how it wants to be run. */
export interface ImageConfig {
  ExposedPorts?: Record<string, unknown> | null;
  Cmd?: string[] | null;
  Entrypoint?: string[] | string | null;
}

/** As many as an application may declare. */
const MAX_PORTS = 100;
const MAX_PORT = 65_535;
const PORT = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w*))?$/;

/** `ignored` is told the ports that nobody can use: an image may say anything. */
export function imageDefaults(
  { ExposedPorts, Cmd, Entrypoint }: ImageConfig,
  ignored: (ports: string[]) => void = () => {},
): ImageDefaults {
  const ports = new Map<string, InnerPort>();
  const junk: string[] = [];
  for (const text of Object.keys(ExposedPorts ?? {})) {
    const read = readPorts(text);
    if (!read || ports.size + read.length > MAX_PORTS) junk.push(text);
    else for (const port of read) ports.set(`${port.inner_port}/${port.protocol}`, port);
  }
  if (junk.length > 0) ignored(junk);
  return {
    ports: [...ports.values()].sort(
      (a, b) => a.inner_port - b.inner_port || a.protocol.localeCompare(b.protocol),
    ),
    run_command: joinCommand(Cmd),
    entrypoint: joinCommand(typeof Entrypoint === "string" ? [Entrypoint] : Entrypoint),
  };
}

/** The same; ports that nobody can use are logged. */
export function loggedDefaults(image: ImageReference, config: ImageConfig, logger: Logger): ImageDefaults {
  return imageDefaults(config, ports =>
    logger.warn(
      { image: imageText(image), ports },
      "ports that an image declares are ignored: nobody can use them",
    ),
  );
}

/** `80`, `53/UDP`, `8000-8002/tcp`; there are other protocols (sctp), which the API has no word for. */
function readPorts(text: string): InnerPort[] | undefined {
  const [, from, to = from, name] = PORT.exec(text) ?? [];
  const protocol = (name || "tcp").toLowerCase();
  const [first, last] = [Number(from), Number(to)];
  if (protocol !== "tcp" && protocol !== "udp") return undefined;
  if (!(first >= 1 && first <= last && last <= MAX_PORT && last - first < MAX_PORTS)) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ protocol, inner_port: first + index }));
}
