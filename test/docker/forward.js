// Runs in another network namespace: connects the sockets that its parent accepted to an address in there.
const net = require("node:net");

const [host, port] = process.argv.slice(2);

process.on("message", (_, socket) => {
  if (!(socket instanceof net.Socket)) return;
  const far = net.connect({ host, port: Number(port) });
  socket.pipe(far).pipe(socket);
  socket.on("error", () => far.destroy()).on("close", () => far.destroy());
  far.on("error", () => socket.destroy()).on("close", () => socket.destroy());
});
process.on("disconnect", () => process.exit());
