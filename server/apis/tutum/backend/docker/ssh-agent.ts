/**
 * Connections to an engine through `ssh HOST docker system dial-stdio`, as the docker command makes them: with the
 * user's own ssh, its keys, its configuration, and its list of known hosts.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

export function createSshAgent({ hostname, port, username }: URL): Agent {
  const target = ["-T", ...(port ? ["-p", port] : []), ...(username ? ["-l", username] : []), "--", hostname];
  const agent = new Agent({ keepAlive: false });
  return Object.assign(agent, {
    createConnection: () =>
      new SshConnection(
        spawn("ssh", [
          "-o",
          "BatchMode=yes",
          "-o",
          "ConnectTimeout=10",
          ...target,
          "docker system dial-stdio",
        ]),
      ),
  });
}

/** What the HTTP client takes for a socket. */
class SshConnection extends Duplex {
  private errors = "";

  constructor(private readonly ssh: ChildProcessWithoutNullStreams) {
    super();
    ssh.stdout.on("data", chunk => {
      if (!this.push(chunk)) ssh.stdout.pause();
    });
    ssh.stderr.on("data", chunk => {
      this.errors = `${this.errors}${chunk}`.slice(-1_000);
    });
    ssh.stdin.on("error", () => {});
    ssh.on("error", error => this.destroy(error));
    ssh.on("close", code => {
      if (code === 0 || this.destroyed) this.push(null);
      else this.destroy(new Error(`ssh ended with code ${code}: ${this.errors.trim()}`));
    });
  }

  override _read(): void {
    this.ssh.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.ssh.stdin.write(chunk, error => done(error));
  }

  override _final(done: () => void): void {
    this.ssh.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { ssh } = this;
    for (const stream of [ssh.stdin, ssh.stdout, ssh.stderr]) stream.destroy();
    ssh.kill();
    // However long it takes to end, no one waits for it.
    ssh.unref();
    done(error);
  }

  // Time limits and delays are the connection's own business.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
