// Loaded into the Node processes of a Pulumi command: notes which Node it is and what it runs.
require("node:fs").appendFileSync(
  `${process.env.HOME}/processes.log`,
  `${process.version} ${process.argv[1]}\n`,
);
