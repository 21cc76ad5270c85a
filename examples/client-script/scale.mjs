// Scales an application by a rule: a container for every so many jobs in a queue, within limits.
//
//   node scale.mjs worker --jobs 950 --each 100 --most 10
import { parseArgs } from "node:util";
import { TutumClient } from "pulumi-tutum/client";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string" },
    each: { type: "string", default: "100" },
    least: { type: "string", default: "1" },
    most: { type: "string", default: "10" },
  },
});
const [jobs, each, least, most] = [values.jobs, values.each, values.least, values.most].map(Number);
const [reference] = positionals;
if (!reference || !(jobs >= 0 && each > 0 && least >= 1 && most >= least)) {
  console.error("Usage: node scale.mjs APPLICATION --jobs N [--each 100] [--least 1] [--most 10]");
  process.exit(2);
}

const containers = Math.min(most, Math.max(least, Math.ceil(jobs / each)));

try {
  const tutum = new TutumClient();
  // An application in motion refuses a change: wait for it first.
  const found = await tutum.applications.find(reference);
  const { uuid, unique_name: name, target_num_containers: before } = await rested(tutum, found);
  if (before === containers) {
    console.log(`${name} stays at ${containers}`);
  } else {
    await rested(tutum, await tutum.applications.update(uuid, { target_num_containers: containers }));
    console.log(`${name} scaled from ${before} to ${containers}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * @param {TutumClient} tutum
 * @param {import("pulumi-tutum/client").Application} application
 */
function rested(tutum, application) {
  return tutum.waitFor(application, ["Running", "Partly running"], { deadline: 120_000 });
}
