// Imported first, so that an old Node says so instead of failing on something it does not know.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(
    `Node ${process.versions.node} is too old for this project: 20.17 or later is needed\n`,
  );
  process.exit(1);
}
