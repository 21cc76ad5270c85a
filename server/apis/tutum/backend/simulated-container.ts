/** A container that exists in memory only: every transition takes its configured time and then is reported. */
import type { Clock } from "../../../host/ports/clock";
import type { BackendEvent, ContainerSpec, ContainerStatus } from "../model/backend";
import { EXITS_IMAGE, imageDefaults, START_FAILS_IMAGE } from "./catalogue";

/** Milliseconds each transition takes. */
export interface Times {
  start: number;
  stop: number;
  /** Start of a container that scaling adds. */
  scale: number;
  terminate: number;
  /** Life of the process of `tutum/exits:<code>`. */
  exit: number;
}

export interface SimulationContext {
  readonly clock: Clock;
  readonly times: Times;
  readonly roster: { report(event: BackendEvent): void; forget(container: SimulatedContainer): void };
}

const LOG_LINES = 200;

export class SimulatedContainer {
  private readonly lines: string[] = [];
  private cancel: () => void = () => {};

  constructor(
    readonly spec: ContainerSpec,
    private readonly context: SimulationContext,
  ) {}

  get logs(): string {
    return this.lines.join("\n");
  }

  /** As the model knows it from before: what was under way begins again. */
  takeOver(status: ContainerStatus): void {
    if (status === "starting") this.start();
    else if (status === "running") this.run();
    else if (status === "stopping") this.stop();
    else if (status === "removing") this.remove();
  }

  start(ms = this.context.times.start): void {
    this.after(ms, () => {
      if (this.spec.image.name === START_FAILS_IMAGE) this.failToStart();
      else {
        this.log(`INFO ${this.spec.name} started: ${this.imageText} ${this.command}`.trim());
        this.run();
        this.report({ type: "running", id: this.spec.id });
      }
    });
  }

  stop(): void {
    this.log("WARN received SIGTERM indicating exit request");
    this.after(this.context.times.stop, () => this.end(0));
  }

  remove(): void {
    this.after(this.context.times.terminate, () => {
      this.context.roster.forget(this);
      this.report({ type: "removed", id: this.spec.id });
    });
  }

  /** Its process ends by itself. */
  exit(code: number): void {
    this.abandon();
    this.end(code);
  }

  /** Whatever is under way comes to nothing. */
  abandon(): void {
    this.cancel();
  }

  private run(): void {
    const { image } = this.spec;
    if (image.name !== EXITS_IMAGE) return;
    const code = /^\d{1,3}$/.test(image.tag) ? Number(image.tag) & 255 : 0;
    this.after(this.context.times.exit, () => this.end(code));
  }

  private end(code: number): void {
    this.log(`${code === 0 ? "INFO" : "CRIT"} process exited with code ${code}`);
    this.report({ type: "exited", id: this.spec.id, code });
  }

  private failToStart(): void {
    const reason = `could not start ${this.imageText}: no such file or directory`;
    this.log(`CRIT ${reason}`);
    this.report({ type: "start-failed", id: this.spec.id, reason });
  }

  private report(event: BackendEvent): void {
    this.context.roster.report(event);
  }

  /** Only the last order counts: what was under way is dropped. */
  private after(ms: number, then: () => void): void {
    this.cancel();
    this.cancel = this.context.clock.setTimeout(then, ms);
  }

  private log(text: string): void {
    const time = new Date(this.context.clock.now())
      .toISOString()
      .replace("T", " ")
      .replace(".", ",")
      .slice(0, 23);
    this.lines.push(`${time} ${text}`);
    if (this.lines.length > LOG_LINES) this.lines.shift();
  }

  private get imageText(): string {
    const { name, tag } = this.spec.image;
    return `${name}:${tag}`;
  }

  private get command(): string {
    return this.spec.command || imageDefaults(this.spec.image.name).run_command;
  }
}
