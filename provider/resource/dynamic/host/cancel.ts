/**
 * The first Ctrl-C: the engine calls Cancel, and the host answers without telling anyone. Of all calls only Cancel
 * and GetPluginInfo come with an empty message, and only the latter goes on to set a version.
 */

/** Milliseconds in which a GetPluginInfo has shown what it is. */
const DOUBT = 100;

interface EmptyClass {
  deserializeBinary(bytes: Uint8Array): unknown;
}

interface PluginInfoClass {
  prototype: { setVersion(version: string): unknown };
}

export function watchCancel(load: NodeJS.Require, cancelled: AbortController): void {
  const { Empty } = load("google-protobuf/google/protobuf/empty_pb.js") as { Empty: EmptyClass };
  const { PluginInfo } = load("../../proto/plugin_pb.js") as { PluginInfo: PluginInfoClass };
  const { deserializeBinary } = Empty;
  const { setVersion } = PluginInfo.prototype;
  let doubt: NodeJS.Timeout | undefined;

  Empty.deserializeBinary = bytes => {
    doubt = setTimeout(() => cancelled.abort(), DOUBT);
    return deserializeBinary(bytes);
  };
  PluginInfo.prototype.setVersion = function (version) {
    clearTimeout(doubt);
    return setVersion.call(this, version);
  };
}
