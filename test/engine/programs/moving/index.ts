import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack, TutumApplication } from "pulumi-tutum";

const { WHERE, CONTAINERS = "1", IMAGE = "tutum/hello-world", KEY } = process.env;
const args = { image: IMAGE, targetNumContainers: Number(CONTAINERS) };

const inside = {
  web: { ...args, options: { aliases: [{ name: "web", parent: pulumi.rootStackResource }] }, links: ["db"] },
};
const shop = new ApplicationStack("shop", {
  applications: {
    db: { image: "tutum/mysql" },
    ...(WHERE === "inside" ? inside : {}),
    ...(KEY ? { [KEY]: { ...args, options: { aliases: [{ name: "shop-web" }] } } } : {}),
  } as ConstructorParameters<typeof ApplicationStack>[1]["applications"],
});
if (WHERE !== "inside" && !KEY) {
  new TutumApplication(
    "web",
    { ...args, linkedToApplication: [shop.applications.db as TutumApplication] },
    { aliases: [{ name: "shop-web", parent: shop }] },
  );
}
