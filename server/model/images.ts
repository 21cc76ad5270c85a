/** The Tutum images people used: what their Dockerfiles expose, run and set. Other images have no defaults here. */
import type { Envvar, InnerPort } from "./records";

export interface ImageDefaults {
  ports: InnerPort[];
  run_command: string;
  entrypoint: string;
  /** In the process's environment, but not shown by the API. */
  env: Envvar[];
}

/** Never starts: for people who test what their programs do then. */
export const START_FAILS_IMAGE = "tutum/start-fails";
/** `tutum/exits:3` starts, and its process soon exits with code 3. */
export const EXITS_IMAGE = "tutum/exits";

const CATALOGUE: Record<string, ImageDefaults> = {
  "tutum/hello-world": image([80]),
  "tutum/mysql": image([3306], { MYSQL_USER: "admin", MYSQL_PASS: "**Random**" }),
  "tutum/mariadb": image([3306], { MARIADB_USER: "admin", MARIADB_PASS: "**Random**" }),
  "tutum/wordpress": image([80, 3306]),
  "tutum/wordpress-stackable": image([80], { DB_HOST: "**LinkMe**", DB_NAME: "wordpress", DB_USER: "admin" }),
  "tutum/redis": image([6379], { REDIS_PASS: "**Random**" }),
  "tutum/postgresql": image([5432]),
  "tutum/rabbitmq": image([5672, 15672]),
  "tutum/mongodb": image([27017, 28017], { AUTH: "yes" }),
  "tutum/memcached": image([11211], { MEMCACHED_PASS: "**Random**" }),
  "tutum/lamp": image([80, 3306], { MYSQL_PASS: "**Random**" }),
  "tutum/apache-php": image([80], { ALLOW_OVERRIDE: "**False**" }),
  "tutum/nginx": image([80]),
  "tutum/haproxy": image([80, 443]),
  "tutum/tomcat": image([8080], { TOMCAT_PASS: "**Random**" }),
  "tutum/jboss": image([8080, 9990]),
  "tutum/glassfish": image([4848, 8080, 8181]),
  "tutum/elasticsearch": image([9200]),
  "tutum/couchdb": image([5984], { COUCHDB_PASS: "**Random**" }),
  "tutum/influxdb": image([8083, 8086]),
  "tutum/riak": image([8087, 8098]),
  "tutum/ubuntu": image([22], { ROOT_PASS: "**Random**" }),
  "tutum/debian": image([22], { ROOT_PASS: "**Random**" }),
  "tutum/centos": image([22], { ROOT_PASS: "**Random**" }),
  "tutum/fedora": image([22], { ROOT_PASS: "**Random**" }),
};

const UNKNOWN: ImageDefaults = { ports: [], run_command: "", entrypoint: "", env: [] };

export function imageDefaults(name: string): ImageDefaults {
  return Object.hasOwn(CATALOGUE, name) ? (CATALOGUE[name] ?? UNKNOWN) : UNKNOWN;
}

/** All of them listen on TCP and start with `/run.sh`. */
function image(ports: number[], env: Record<string, string> = {}): ImageDefaults {
  return {
    ports: ports.map(inner_port => ({ protocol: "tcp", inner_port })),
    run_command: "/run.sh",
    entrypoint: "",
    env: Object.entries(env).map(([key, value]) => ({ key, value })),
  };
}
