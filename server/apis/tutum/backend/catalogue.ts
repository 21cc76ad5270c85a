/** The Tutum images people used: what their Dockerfiles expose and run. Other images have no defaults when simulated. */
import type { ImageDefaults } from "../model/backend";

/** Never starts: for people who test what their programs do then. */
export const START_FAILS_IMAGE = "tutum/start-fails";
/** `tutum/exits:3` starts, and its process soon exits with code 3. */
export const EXITS_IMAGE = "tutum/exits";

const CATALOGUE: Record<string, ImageDefaults> = {
  "tutum/hello-world": image([80]),
  "tutum/mysql": image([3306]),
  "tutum/mariadb": image([3306]),
  "tutum/wordpress": image([80, 3306]),
  "tutum/wordpress-stackable": image([80]),
  "tutum/redis": image([6379]),
  "tutum/postgresql": image([5432]),
  "tutum/rabbitmq": image([5672, 15672]),
  "tutum/mongodb": image([27017, 28017]),
  "tutum/memcached": image([11211]),
  "tutum/lamp": image([80, 3306]),
  "tutum/apache-php": image([80]),
  "tutum/nginx": image([80]),
  "tutum/haproxy": image([80, 443]),
  "tutum/tomcat": image([8080]),
  "tutum/jboss": image([8080, 9990]),
  "tutum/glassfish": image([4848, 8080, 8181]),
  "tutum/elasticsearch": image([9200]),
  "tutum/couchdb": image([5984]),
  "tutum/influxdb": image([8083, 8086]),
  "tutum/riak": image([8087, 8098]),
  "tutum/ubuntu": image([22]),
  "tutum/debian": image([22]),
  "tutum/centos": image([22]),
  "tutum/fedora": image([22]),
};

const UNKNOWN: ImageDefaults = { ports: [], run_command: "", entrypoint: "" };

export function imageDefaults(name: string): ImageDefaults {
  return Object.hasOwn(CATALOGUE, name) ? (CATALOGUE[name] ?? UNKNOWN) : UNKNOWN;
}

/** All of them listen on TCP and start with `/run.sh`. */
function image(ports: number[]): ImageDefaults {
  return {
    ports: ports.map(inner_port => ({ protocol: "tcp", inner_port })),
    run_command: "/run.sh",
    entrypoint: "",
  };
}
