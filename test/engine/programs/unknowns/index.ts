import { TutumApplication } from "pulumi-tutum";

const image = "tutum/hello-world";
// What the test changes of it.
const db = new TutumApplication("db", { image: "tutum/mysql", ...JSON.parse(process.env.DB ?? "{}") });
// Like every output that is no argument: unknown until db has been created or updated.
const later = db.publicDns;

new TutumApplication("value", {
  image,
  containerEnvvars: { HOST: later.apply(dns => dns ?? ""), PORT: "1" },
});
new TutumApplication("record", { image, containerEnvvars: later.apply(dns => ({ HOST: dns ?? "" })) });
new TutumApplication("port", { image, containerPorts: [{ innerPort: later.apply(() => 8080) }] });
new TutumApplication("ports", { image, containerPorts: later.apply(() => [{ innerPort: 8080 }]) });
new TutumApplication("named", { image, name: db.uniqueName.apply(name => `beside-${name.slice(0, 2)}`) });
new TutumApplication("sized", { image, targetNumContainers: db.targetNumContainers });
new TutumApplication("counted", { image, targetNumContainers: db.currentNumContainers });
new TutumApplication("alias", {
  image,
  linkedToApplication: [{ application: db, name: later.apply(() => "database") }],
});
new TutumApplication("linked", { image, linkedToApplication: [db] });
new TutumApplication("links", { image, linkedToApplication: db.id.apply(id => [id]) });
