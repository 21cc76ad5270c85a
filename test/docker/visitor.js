// Visitors of a web name, in the network of the machine whose proxy they ask: four at a time, each after its answer
// again. Says how many requests were good, and what the others got, when it is asked; ends with its parent.
const http = require("node:http");

const [port, host, expected] = process.argv.slice(2);
const AT_A_TIME = 4;
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_A_TIME });
/** @type {Record<string, number>} */
const bad = {};
let good = 0;
let stopped = false;

/** @returns {Promise<string>} */
function ask() {
  return new Promise(resolve => {
    const request = http.get({ host: "127.0.0.1", port, agent, headers: { Host: host } }, response => {
      let text = "";
      response.setEncoding("utf8").on("data", part => (text += part));
      response.on("end", () => {
        const isGood = response.statusCode === 200 && new RegExp(`${expected}`).test(text);
        resolve(isGood ? "good" : `${response.statusCode} ${text.slice(0, 200)}`);
      });
      response.on("error", error => resolve(String(error)));
    });
    request.on("error", error => resolve(String(error)));
  });
}

async function visit() {
  while (!stopped) {
    const found = await ask();
    if (found === "good") good++;
    else bad[found] = (bad[found] ?? 0) + 1;
  }
}

const all = Promise.all(Array.from({ length: AT_A_TIME }, visit));
process.on("message", async message => {
  if (message === "stop") {
    stopped = true;
    await all;
  }
  process.send?.({ good, bad });
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
