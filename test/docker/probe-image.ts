/**
 * An image without a registry: busybox and a web process that shows what it was given. On the port `PORT` (80):
 * `/` its host name, `/env` its environment, `/cgi-bin/get?URL` what another address answers (502: nothing),
 * `/cgi-bin/exit?CODE` ends it with that code. `sh -c '...'` as command does anything else.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const PROBE_IMAGE = "tutum/probe:1";
export const BUSYBOX = "/bin/busybox";

/** What `docker import` is told besides. */
export const PROBE_CHANGES = ["ENV PATH=/bin", "ENV PROBE=image", 'CMD ["serve"]', "EXPOSE 80"];

const SCRIPTS = {
  "bin/serve": `#!/bin/sh
trap 'echo got-term; kill $P 2>/dev/null; exit 0' TERM
env | sort >/www/env
hostname >/www/index.html
echo "serving $(hostname) on \${PORT:-80}"
echo err-line >&2
httpd -f -p \${PORT:-80} -h /www & P=$!
echo $P >/tmp/httpd
wait $P
exit $(cat /tmp/code)
`,
  "www/cgi-bin/get": `#!/bin/sh
if body=$(timeout 5 wget -q -O - "$QUERY_STRING" 2>&1); then status=200; else status=502; fi
printf 'Status: %s\\r\\nContent-Type: text/plain\\r\\n\\r\\n%s' $status "$body"
`,
  "www/cgi-bin/exit": `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "$QUERY_STRING" >/tmp/code
kill $(cat /tmp/httpd)
`,
};

/** The image's files as a tar: the same bytes for the same mark, others for another. */
export function probeImage(mark = ""): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "tutum-probe-"));
  try {
    for (const name of ["bin", "www/cgi-bin", "tmp", "etc"])
      mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(BUSYBOX, join(folder, "bin/busybox"));
    const applets = execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n");
    for (const applet of applets)
      if (applet !== "busybox") symlinkSync("busybox", join(folder, "bin", applet));
    for (const [name, script] of Object.entries(SCRIPTS)) {
      writeFileSync(join(folder, name), script);
      chmodSync(join(folder, name), 0o755);
    }
    writeFileSync(join(folder, "etc/mark"), mark);
    const alike = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    return execFileSync("tar", [...alike, "-C", folder, "-c", "."], { maxBuffer: 100 << 20 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
