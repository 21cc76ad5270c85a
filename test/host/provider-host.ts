/** The provider host of Pulumi's SDK in a process of its own, called over gRPC as the engine calls it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  ConfigureRequest,
  CreateRequest,
  type CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ErrorResourceInitFailed,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Properties = Record<string, unknown>;

/** A folder in which the package is installed, as in a user's project. */
const PROJECT = resolve(__dirname, "../engine/programs/declared");
/** Nobody listens there: without an engine the provider does not watch for its end. */
const NO_ENGINE = "127.0.0.1:1";

/** The operation failed after the resource existed. */
export class InitFailed extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}

export class ProviderHost {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: ResourceProviderClient,
  ) {}

  /** With this configuration of the stack, and a folder for what the machine remembers. */
  static async start(config: Record<string, string>, memory: string): Promise<ProviderHost> {
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const { TUTUM_BASE_URL, TUTUM_AUTH, TUTUM_USER, TUTUM_APIKEY, ...env } = process.env;
    const child = spawn(process.execPath, [script, NO_ENGINE], {
      cwd: PROJECT,
      env: { ...env, PULUMI_NODEJS_PROJECT: "declared", XDG_STATE_HOME: memory },
      // What it prints of errors is in its answers, too.
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
    const host = new ProviderHost(child, client);
    const request = new ConfigureRequest();
    request.setArgs(struct(config));
    await host.#call(done => client.configure(request, done));
    return host;
  }

  get dead(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** SIGKILL. What it has not answered yet fails. */
  async kill(): Promise<void> {
    if (this.dead) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
    this.client.close();
  }

  /** What the engine does at the first Ctrl-C. */
  async cancel(): Promise<void> {
    await this.#call(done => this.client.cancel(new Empty(), done));
  }

  async check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call<CheckResponse>(done => this.client.check(request, done));
    return {
      inputs: values(response.getInputs()),
      failures: response.getFailuresList().map(failure => failure.getReason()),
    };
  }

  /** `changes` is undefined where the provider leaves the comparison to the engine. */
  async diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean | undefined; replaces: boolean }> {
    const request = new DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call<DiffResponse>(done => this.client.diff(request, done));
    const changes = { [DIFF_NONE]: false, [DIFF_SOME]: true }[response.getChanges() as number];
    return { changes, replaces: response.getReplacesList().length > 0 };
  }

  async create(properties: Properties): Promise<{ id: string; outputs: Properties }> {
    const request = new CreateRequest();
    request.setProperties(struct(properties));
    const response = await this.#call<CreateResponse>(done => this.client.create(request, done));
    return { id: response.getId(), outputs: values(response.getProperties()) };
  }

  /** Without an id when it is gone. */
  async read(id: string, properties: Properties): Promise<{ id: string; outputs: Properties }> {
    const request = new ReadRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    const response = await this.#call<ReadResponse>(done => this.client.read(request, done));
    return { id: response.getId(), outputs: values(response.getProperties()) };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<{ outputs: Properties }> {
    const request = new UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call<UpdateResponse>(done => this.client.update(request, done));
    return { outputs: values(response.getProperties()) };
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const request = new DeleteRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    await this.#call(done => this.client.delete(request, done));
  }

  #call<T>(send: (done: (error: ServiceError | null, response?: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      send((error, response) => (error ? reject(unpacked(error)) : resolve(response as T)));
    });
  }
}

const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;

function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

function values(properties: Struct | undefined): Properties {
  return properties?.toJavaScript() ?? {};
}

/** A partial failure travels in the details of the answer's status. */
function unpacked(error: ServiceError): Error {
  const [details] = (error.metadata as Metadata | undefined)?.get("grpc-status-details-bin") ?? [];
  if (!(details instanceof Buffer)) return error;
  const [packed] = Status.deserializeBinary(details).getDetailsList();
  const failed = ErrorResourceInitFailed.deserializeBinary(packed?.getValue_asU8() ?? new Uint8Array());
  return new InitFailed(failed.getId(), values(failed.getProperties()), failed.getReasonsList());
}
