// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how Compose files write variables.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Problem, problemText, StackFileError } from "../../../provider/tutum/stack-file";
import { type StackFileOptions, stackOf } from "../../../provider/tutum/stack-file/read-stack-file";
import { converted } from "./command";
import { shown } from "./declared";

type Read = StackFileOptions & { dotenv?: string };

function read(yaml: string, { dotenv, env = {}, ...options }: Read = {}) {
  const readText = (path: string) => (path === ".env" ? dotenv : undefined);
  return stackOf(yaml, { ...options, env, file: "compose.yml", readText });
}

function problems(yaml: string, options: Read = {}): readonly Problem[] {
  try {
    const { warnings, notes } = read(yaml, options);
    return [...warnings, ...notes];
  } catch (error) {
    if (error instanceof StackFileError) return error.problems;
    throw error;
  }
}

const lines = (yaml: string, options?: Read) =>
  problems(yaml, options).map(problem =>
    problemText({ ...problem, severity: "note" }).replace(/^.*? note: /, ""),
  );

describe(".env beside a Compose file", () => {
  const FILE =
    'services: {web: {image: "acme/web:${TAG:-latest}", environment: ["H=${H-none}", "Z=${Z-none}"]}}';

  test("is read, the environment and given variables win, and what is from there is said", async () => {
    const options = {
      dotenv: 'TAG=1.2.3\nH="dotenv"\nZ=dotenv\nUNUSED=1\n',
      env: { H: "environment" },
      variables: { Z: "given" },
    };
    expect(await shown(read(FILE, options).applications)).toEqual({
      web: { image: "acme/web:1.2.3", containerEnvvars: { H: "environment", Z: "given" } },
    });
    expect(lines(FILE, options)).toEqual(["is read, as Compose does: TAG is from there."]);
  });

  test("is not read with COMPOSE_DISABLE_ENV_FILE, nor beside a tutum.yml", async () => {
    const env = { COMPOSE_DISABLE_ENV_FILE: "1" };
    expect((await shown(read(FILE, { dotenv: "TAG=1", env }).applications)) as object).toMatchObject({
      web: { image: "acme/web:latest" },
    });
    const tutum = "web: {image: 'acme/web:${TAG:-latest}'}";
    expect(await shown(read(tutum, { dotenv: "TAG=1" }).applications)).toEqual({
      web: { image: "acme/web:latest" },
    });
  });

  test("an env_file is read by the same rules, unless its format is raw", async () => {
    const file = (format: string) =>
      `services: {web: {image: x/web, env_file: [{path: web.env${format}}], environment: {D: d}}}`;
    const read = (yaml: string) =>
      stackOf(yaml, {
        file: "compose.yml",
        env: { HOST: "h" },
        readText: path => (path === "web.env" ? "A=${HOST} # b\nC='$HOST'\nD=x\n" : undefined),
      }).applications;
    const secret = (value: string) => ({ secret: value });
    expect(await shown(read(file("")))).toEqual({
      web: { image: "x/web", containerEnvvars: { A: secret("h"), C: secret("$HOST"), D: "d" } },
    });
    expect(await shown(read(file(", format: raw")))).toEqual({
      web: { image: "x/web", containerEnvvars: { A: secret("${HOST}"), C: secret("$HOST"), D: "d" } },
    });
  });

  test("is wrong with its line, and its values are not shown", () => {
    expect(problems(FILE, { dotenv: "A=1\nPASSWORD='canary" }).map(problem => problemText(problem))).toEqual([
      ".env:2:1: error: sets PASSWORD to a string with an unclosed quote.\n  \n  ^",
    ]);
  });

  test("its values become defaults of the program, its secrets do not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-compose-"));
    try {
      const file = join(folder, "docker-compose.yml");
      writeFileSync(
        file,
        `name: acme
services:
  web:
    image: acme/web:\${TAG:-latest}
    environment: ["A=\${A}", "B=\${B:-x}", "C=\${C:?c}", "PASS=\${PW:-}", "URL=\${URL}", "E=\${E+set}", "F=\${F}", "KEY=\${G}"]
`,
      );
      writeFileSync(
        join(folder, ".env"),
        "TAG=1.2.3\nA=a\nB=\nC=c\nPW=canary-1\nURL=http://me:canary-2@web/\nE=\nG=canary-3\n",
      );
      const { text, said } = await converted([file], { F: "" });
      expect(text).toContain('const acme = new ApplicationStack("acme", {');
      expect(text).toContain('image: `acme/web:${(process.env.TAG ?? "1.2.3") || "latest"}`');
      expect(text).toContain('A: process.env.A ?? "a"');
      expect(text).toContain('B: (process.env.B ?? "") || "x"');
      expect(text).toContain('C: variable("C", "c", true, process.env.C ?? "c")');
      expect(text).toContain('PASS: pulumi.secret(variable("PW", "", true))');
      expect(text).toContain('URL: variable("URL")');
      expect(text).toContain('KEY: pulumi.secret(variable("G"))');
      expect(text + said).not.toContain("canary");
      expect(said).toContain("note: is read, as Compose does: TAG, A, B, C, PW, URL, E, G are from there.");
      expect(said).toContain(
        "The stack is called acme, as the file says; fromFile calls it docker-compose unless told.",
      );
      expect(said).toContain(
        "The program needs in its environment: PW (.env has it), URL (.env has it), F, G (.env has it).",
      );
      expect(said).toContain(
        "It has a value for these, unless its environment has another: TAG, A, B, C, E.",
      );
      const config = await converted([file, "--variables", "config", "--name", "other"], { F: "" });
      expect(config.text).toContain('const other = new ApplicationStack("other", {');
      expect(config.text).toContain('config.get("TAG") ?? "1.2.3"');
      expect(config.text + config.said).not.toContain("canary");
      expect(config.said).toContain("Set what .env has: pulumi config set --secret PW\n");
      expect(config.said).toContain("Set it: pulumi config set F\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("profiles", () => {
  const FILE = `
services:
  foo: { image: foo }
  bar: { image: bar, profiles: [test], volumes: [/x], ports: ["80"] }
  baz: { image: baz, depends_on: [bar], profiles: [test] }
  zot: { image: zot, depends_on: [bar], profiles: [debug] }
`;
  const names = (options: Read) => Object.keys(read(FILE, { unsupported: "warn", ...options }).applications);

  test.each<[string, Read, string[]]>([
    ["nothing", {}, ["foo"]],
    ["COMPOSE_PROFILES=test", { env: { COMPOSE_PROFILES: "test" } }, ["foo", "bar", "baz"]],
    ["COMPOSE_PROFILES in .env", { dotenv: "COMPOSE_PROFILES=test" }, ["foo", "bar", "baz"]],
    ["both", { env: { COMPOSE_PROFILES: "debug, test" } }, ["foo", "bar", "baz", "zot"]],
    ["all", { env: { COMPOSE_PROFILES: "*" } }, ["foo", "bar", "baz", "zot"]],
    [
      "profiles over COMPOSE_PROFILES",
      { profiles: ["test"], env: { COMPOSE_PROFILES: "debug" } },
      ["foo", "bar", "baz"],
    ],
  ])("are enabled by %s", (_how, options, services) => {
    expect(names(options)).toEqual(services);
  });

  test("what is left out is said, and cannot be wrong", () => {
    expect(lines(FILE)).toEqual([
      "services.bar is left out: its profile test is not enabled.",
      "services.baz is left out: its profile test is not enabled.",
      "services.zot is left out: its profile debug is not enabled.",
    ]);
  });

  test("to depend on what is left out is an error, unless it is not required", () => {
    expect(lines(FILE, { profiles: ["debug"] })).toContain(
      "services.zot.depends_on[0] names bar, which is left out: enable its profile by COMPOSE_PROFILES=test, or remove this.",
    );
    const optional = FILE.replace(
      "depends_on: [bar], profiles: [debug]",
      "depends_on: {bar: {required: false}}",
    );
    expect(Object.keys(read(optional).applications)).toEqual(["foo", "zot"]);
  });

  test("that enable nothing are an error", () => {
    expect(lines("services: {a: {image: x/a, profiles: [dev]}}")[0]).toBe(
      "has no service that is enabled: enable one by COMPOSE_PROFILES=dev.",
    );
  });

  test("--profile enables one for convert", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-compose-"));
    try {
      const file = join(folder, "compose.yml");
      writeFileSync(file, FILE);
      const { text } = await converted([file, "--profile", "test", "--unsupported", "warn"], {});
      expect(text).toContain("bar: {");
      expect((await converted([file], {})).text).not.toContain("bar: {");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("links that nobody wrote", () => {
  const stack = (services: object) => stringify({ services });
  const linksOf = (services: object) => {
    const { applications } = read(stack(services));
    return Object.fromEntries(Object.entries(applications).map(([name, { links }]) => [name, links ?? []]));
  };

  test("are to what depends_on or a host names, and the order is not said twice", () => {
    const { applications } = read(
      stack({
        db: { image: "postgres:16", environment: { POSTGRES_PASSWORD: "x" } },
        web: { image: "acme/web:1.0", depends_on: ["db"], environment: { DB_HOST: "db" }, ports: ["80"] },
      }),
    );
    expect(applications.web).toMatchObject({ links: ["db"] });
    expect(applications.web).not.toHaveProperty("dependsOn");
    expect(applications.db).not.toHaveProperty("links");
  });

  test("are none in a tutum.yml", () => {
    const { applications, notes } = read(
      stringify({
        db: { image: "a/db" },
        web: { image: "a/web", depends_on: ["db"], environment: { DB_HOST: "db" } },
      }),
    );
    expect(applications.web).toMatchObject({ dependsOn: ["db"] });
    expect(applications.web).not.toHaveProperty("links");
    expect(notes).toEqual([]);
  });

  test("have the alias by which the service is named", () => {
    const web = {
      image: "a/web",
      environment: { MONGO_URL: "mongodb://Mongodb:27017/" },
      depends_on: ["mongo"],
    };
    expect(
      linksOf({ mongo: { image: "mongo", container_name: "store" }, web: { ...web, environment: {} } }).web,
    ).toEqual([{ application: "mongo", name: "mongo" }]);
    expect(linksOf({ mongo: { image: "mongo", container_name: "mongodb" }, web }).web).toEqual(["mongo"]);
    const aliased = { image: "mongo", networks: { default: { aliases: ["mongodb"] } } };
    expect(linksOf({ mongo: aliased, web }).web).toEqual([{ application: "mongo", name: "mongodb" }]);
  });

  test("lead to a service whose name no application can have, once it has one of its own", () => {
    const web = { image: "a/web", environment: { DB_HOST: "my_db" } };
    expect(lines(stack({ my_db: { image: "a/db" }, web }))[0]).toMatch(
      /not "my_db": give it one of its own, x-tutum: \{ name: my-db \}\.$/,
    );
    expect(linksOf({ my_db: { image: "a/db", "x-tutum": { name: "my-db" } }, web }).web).toEqual([
      { application: "my_db", name: "my_db" },
    ]);
  });

  test("follow the networks", () => {
    const of = (networks?: string[]) => ({ image: "a/b", ...(networks && { networks }) });
    const services = {
      web: { ...of(["front"]), environment: { API_URL: "http://api/" }, depends_on: ["db"] },
      api: { ...of(["front", "back"]), environment: { DB_HOST: "db" } },
      db: of(["back"]),
      other: { ...of(), environment: { DB_HOST: "db" } },
    };
    expect(linksOf(services)).toEqual({ web: ["api"], api: ["db"], db: [], other: [] });
    expect(read(stack(services)).applications.web).toMatchObject({ dependsOn: ["db"] });
    expect(lines(stack(services))).toContain(
      "services.other.environment.DB_HOST names db, but shares no network with it: the name leads nowhere.",
    );
  });

  test("see the values of variables and files, as far as they are known", () => {
    const services = {
      db: { image: "a/db" },
      cache: { image: "a/cache" },
      web: {
        image: "a/web",
        environment: { DB_HOST: "${DB:-db}", CACHE_HOST: "${CACHE}", SELF: "http://web/" },
      },
    };
    const { applications } = read(stack(services), { env: { CACHE: "elsewhere.example.com" } });
    expect(applications.web).toMatchObject({ links: ["db"] });
    expect(read(stack(services), { env: { DB: "x", CACHE: "cache" } }).applications.web).toMatchObject({
      links: ["cache"],
    });
  });

  test("are left out by x-tutum.unlinked, and those that are written stay", () => {
    const services = {
      a: { image: "x/a", environment: { B_URL: "http://b/" } },
      b: {
        image: "x/b",
        environment: { A_URL: "http://a/" },
        links: ["c:store"],
        "x-tutum": { unlinked: ["a"] },
      },
      c: { image: "x/c" },
    };
    expect(linksOf(services)).toEqual({ a: ["b"], b: [{ application: "c", name: "store" }], c: [] });
  });

  test("are in the program that convert writes, and what they are for is said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-compose-"));
    try {
      const file = join(folder, "compose.yml");
      writeFileSync(
        file,
        stack({ db: { image: "a/db" }, web: { image: "a/web", environment: { DB_HOST: "db" } } }),
      );
      const { text, said } = await converted([file], {});
      expect(text).toContain('links: ["db"],');
      expect(said).toBe(
        `${file}:4:3: note: services.web is linked to what it names: db (DB_HOST).\n1 note\n`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what is said", () => {
  test("is said once of what an anchor holds", () => {
    const yaml = `
x-common: &common
  logging: { driver: json-file }
  user: "1000"
services:
  a: { <<: *common, image: x/a, links: [b] }
  b: { <<: *common, image: x/b }
`;
    expect(problems(yaml).map(({ severity, line, path }) => [severity, line, path])).toEqual([
      ["warning", 3, "services.a.logging"],
      ["error", 4, "services.a.user"],
    ]);
  });

  test("ends in a line that counts", () => {
    const yaml =
      "services: {a: {image: x/a, user: root, tty: true, labels: [b], depends_on: [b]}, b: {image: x/b}}";
    expect(() => read(yaml)).toThrow(/\n2 errors, 1 warning$/);
    expect(() => read(yaml, { unsupported: "error" })).toThrow(/\n3 errors$/);
    expect(lines(yaml, { unsupported: "warn" })).toHaveLength(4);
  });

  test("is one error of a command with a $ without a variable's name", () => {
    expect(lines('services: {a: {image: x/a, command: "sh -c $(seq 3)"}}')).toEqual([
      expect.stringMatching(
        /^services.a.command has a \$ without a variable's name: write \$\{NAME\}, or \$\$ for a literal \$/,
      ),
    ]);
    expect(lines('services: {a: {image: x/a, command: ["sh", "$(seq 3)"]}}')).toHaveLength(1);
  });

  test("is how to write Tutum's link to a service of another stack", () => {
    expect(problems("lb: {image: x/lb, links: [www.sherpa]}").map(({ message }) => message)).toEqual([
      "needs an alias, which begins the names of variables and has no dots: write www.sherpa:www.",
    ]);
  });

  test("is no default of a secret in the program that convert writes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-compose-"));
    try {
      const file = join(folder, "compose.yml");
      const environment = [
        "PASS=${PW:-canary-1}",
        "URL=redis://:${REDIS_TOKEN-canary-2}@x/",
        "ADDRESS=${A:-x://b:canary-3@c}",
      ];
      writeFileSync(file, stringify({ services: { web: { image: "a/web", environment } } }));
      for (const variables of ["environment", "config"]) {
        const { text, said } = await converted([file, "--variables", variables], {});
        expect(text + said).not.toContain("canary");
        for (const name of ["PW", "REDIS_TOKEN", "A"]) expect(said).toMatch(new RegExp(`\\b${name}\\b`));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("shows no secret, wherever it is in a line", () => {
    for (const yaml of [
      "services: {a: {image: x/a, usr: b, environment: {A: b, DB_PASSWORD: canary}}}",
      'services: {a: {image: x/a, usr: b, environment: ["A=b", "DB_PASSWORD=canary"]}}',
      "services: {a: {image: x/a, usr: b, environment: {URL: 'http://me:canary@b/'}}}",
      "services: {a: {image: x/a, usr: b, environment: {TOKEN: '${T:-canary}'}}}",
    ])
      expect(
        problems(yaml)
          .map(problem => problemText(problem))
          .join(),
      ).not.toContain("canary");
  });

  test.each([
    ["GRID_MAX_SESSION", "5", false],
    ["GRID_NEW_SESSION_WAIT_TIMEOUT", "-1", false],
    ["KEYPAIR_NAME", "", false],
    ["REQUIRE_AUTH", "true", false],
    ["MYSQL_ALLOW_EMPTY_PASSWORD", "yes", false],
    ["MYSQL_ROOT_PASSWORD", "123456", true],
    ["API_KEY", "abc", true],
    ["DATABASE_URI", "mysql://me:word@db.example.com/x", true],
    ["DATABASE_URI", "mysql://me@db.example.com/x", false],
  ])("%s=%s is a secret: %j", async (name, value, isSecret) => {
    const yaml = stringify({ services: { a: { image: "x/a", environment: { [name]: value } } } });
    expect(await shown(read(yaml).applications)).toEqual({
      a: { image: "x/a", containerEnvvars: { [name]: isSecret ? { secret: value } : value } },
    });
  });
});
