/** Whether data can be lost with an application's containers: only then does a report say so. */
import type { FoldedStep } from "./folded-steps";

/** What the reader knows better than the table of images: names of applications (as resources) or of images. */
export interface DataHolders {
  holdsData?: readonly string[];
  holdsNoData?: readonly string[];
}

/** Words in the names of images that keep what they are given. */
const HOLDERS = new Set(
  (
    "postgres postgresql pgsql postgis timescaledb cockroach cockroachdb yugabyte mysql mariadb percona galera mssql " +
    "oracle db2 firebird mongo mongodb couchdb couchbase ravendb arangodb rethinkdb neo4j orientdb dgraph redis valkey " +
    "keydb dragonfly elasticsearch opensearch solr meilisearch typesense sphinx cassandra scylla scylladb hbase riak " +
    "aerospike clickhouse influxdb influx victoriametrics prometheus graphite questdb rabbitmq kafka redpanda pulsar " +
    "nats activemq artemis zookeeper etcd consul vault minio ceph seaweedfs registry nexus artifactory gitea gogs gitlab " +
    "jenkins grafana sonarqube wordpress ghost nextcloud owncloud openldap ldap weaviate qdrant milvus chroma immudb"
  ).split(" "),
);
/** What stands beside one and keeps nothing. */
const BESIDE =
  /^(exporter|proxy|client|operator|admin|ui|backup|dump|bouncer|pgbouncer|commander|express|cli|init|migrate|sidecar|agent|gateway)$/;

export function holdsData({ name, oldState, newState }: FoldedStep, known: DataHolders = {}): boolean {
  const { inputs, protect } = oldState ?? newState ?? {};
  const image = typeof inputs?.image === "string" ? nameOfImage(inputs.image) : "";
  const names = [name, image, image.split("/").at(-1) ?? ""].filter(each => each !== "");
  const isNamed = (list: readonly string[] = []) => names.some(each => list.includes(each));
  if (isNamed(known.holdsNoData)) return false;
  // Whoever protects it from deletion has a reason.
  return isNamed(known.holdsData) || protect === true || keepsData(image);
}

function keepsData(image: string): boolean {
  const words = (image.split("/").at(-1) ?? "").toLowerCase().split(/[^a-z0-9]+/);
  return words.some(word => HOLDERS.has(word)) && !words.some(word => BESIDE.test(word));
}

/** Without tag and digest. */
function nameOfImage(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^/]*$/, "");
}
