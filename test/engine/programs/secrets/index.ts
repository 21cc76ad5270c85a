import * as pulumi from "@pulumi/pulumi";
import { TutumApplication, type TutumApplicationArgs } from "pulumi-tutum";

const config = new pulumi.Config();
const password = process.env.PLAIN_PASSWORD ?? config.requireSecret("password");

const web = new TutumApplication("web", {
  image: process.env.IMAGE ?? "tutum/hello-world",
  containerEnvvars: { MODE: config.get("mode") ?? "shown-to-everyone", PASSWORD: password },
});
export const { containerEnvvars } = web;

/** Arguments that no check lets pass, each with a secret that is not from the stack's configuration. */
const hidden = pulumi.secret(process.env.HIDDEN ?? "");
const refused: Record<string, unknown> = {
  list: { runCommand: pulumi.secret(["run", hidden]) },
  inside: { containerEnvvars: { constructor: "x", PASSWORD: hidden } },
  unparsed: { containerEnvvars: hidden.apply(text => JSON.stringify({ PASSWORD: text })) },
  unknown: { passwort: hidden },
};
const { REFUSED: form = "" } = process.env;
if (form !== "") {
  const args = refused[form] as Partial<TutumApplicationArgs>;
  new TutumApplication("refused", { image: "tutum/hello-world", ...args });
}
