const { TutumApplication } = require("pulumi-tutum");

const db = new TutumApplication("db", { image: "tutum/mysql" });
new TutumApplication("web", {
  image: "tutum/wordpress",
  targetNumContainers: Number(process.env.CONTAINERS),
  linkedToApplication: [db],
});

exports.version = require("pulumi-tutum/package.json").version;
