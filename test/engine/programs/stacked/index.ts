import { ApplicationStack } from "pulumi-tutum";

const image = process.env.IMAGE ?? "tutum/hello-world";
const services = ["users", "catalog", "orders", "billing"] as const;

new ApplicationStack("acme", {
  applications: {
    api: { image, links: [...services] },
    admin: { image, links: ["users", { application: "orders", name: "shop" }] },
    ...Object.fromEntries(services.map(name => [name, { image, links: ["db"] }])),
    db: { image: "tutum/mysql", triggers: [image] },
  } as Record<string, { image: string; links?: (string | { application: string; name: string })[] }>,
});
