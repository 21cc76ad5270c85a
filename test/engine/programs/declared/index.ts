import { TutumApplication } from "pulumi-tutum";

/** `[{ name, args, links: [names] }]`, in order. */
interface Declaration {
  name: string;
  args: ConstructorParameters<typeof TutumApplication>[1];
  links?: string[];
}

const declarations = JSON.parse(process.env.DECLARATIONS ?? "[]") as Declaration[];
const applications: Record<string, TutumApplication> = {};
for (const { name, args, links } of declarations) {
  const linked = links?.map(target => applications[target] as TutumApplication);
  applications[name] = new TutumApplication(name, {
    ...args,
    ...(linked && { linkedToApplication: linked }),
  });
}
