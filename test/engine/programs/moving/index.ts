import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack, TutumApplication } from "pulumi-tutum";

const { WHERE, CONTAINERS = "1" } = process.env;
const args = { image: "tutum/hello-world", targetNumContainers: Number(CONTAINERS) };

const inside = {
  web: { ...args, options: { aliases: [{ name: "web", parent: pulumi.rootStackResource }] }, links: ["db"] },
};
const shop = new ApplicationStack("shop", {
  applications: {
    db: { image: "tutum/mysql" },
    ...(WHERE === "inside" ? inside : {}),
  } as ConstructorParameters<typeof ApplicationStack>[1]["applications"],
});
if (WHERE !== "inside") {
  new TutumApplication(
    "web",
    { ...args, linkedToApplication: [shop.applications.db as TutumApplication] },
    { aliases: [{ name: "shop-web", parent: shop }] },
  );
}
