import { ApplicationStack, TutumApplication } from "../../provider";

/** Checked by `npm run check`: what must not compile does not. */
export function types(): void {
  const stack = new ApplicationStack("shop", {
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: ["db"] } },
  });
  void stack.applications.web.publicDns;
  // @ts-expect-error there is no such application
  void stack.applications.wbe;
  new ApplicationStack("shop", {
    // @ts-expect-error a link to a name that is not there
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: ["bd"] } },
  });
  new ApplicationStack("shop", {
    // @ts-expect-error the same with an alias
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: [{ application: "bd" }] } },
  });
  // @ts-expect-error an application needs an image
  new ApplicationStack("shop", { applications: { db: {} } });
  // @ts-expect-error a size that does not exist
  new TutumApplication("db", { image: "a/b", containerSize: "XXL" });
  // @ts-expect-error an argument that does not exist
  new TutumApplication("db", { image: "a/b", replicas: 2 });
  // @ts-expect-error variables are strings
  new TutumApplication("db", { image: "a/b", containerEnvvars: { PORT: 80 } });
  const names: string[] = ["db"];
  const byName: Record<string, { image: string; links?: string[] }> = Object.fromEntries(
    names.map(name => [name, { image: "a/b" }]),
  );
  new ApplicationStack("shop", { applications: byName });
}
