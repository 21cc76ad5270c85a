import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

/** Its provider is `note.js` beside this file. */
class Note extends pulumi.CustomResource {
  constructor(name: string, args: { text: string; paper: string }) {
    const __provider = `exports.handler=()=>require(${JSON.stringify(`${__dirname}/note.js`)}).note`;
    super("pulumi-nodejs:dynamic/test:Note", name, { name, ...args, __provider });
  }
}

const {
  containers = "1",
  text = "first",
  paper = "white",
} = JSON.parse(process.env.TWO_KINDS ?? "{}") as {
  containers?: string;
  text?: string;
  paper?: string;
};

new TutumApplication("db", { image: "tutum/mysql", targetNumContainers: Number(containers) });
new Note("draft", { text, paper });
