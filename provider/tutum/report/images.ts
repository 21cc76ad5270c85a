/** Which images keep data in their containers. */
import type { HeldData } from "../../report/kind";
import type { ResourceState } from "../../report/preview";

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
/** What stands next to one and keeps nothing. */
const BESIDE =
  /^(exporter|proxy|client|operator|admin|ui|backup|dump|bouncer|pgbouncer|commander|express|cli|init|migrate|sidecar|agent|gateway)$/;

export function dataInContainers({ inputs }: ResourceState): HeldData {
  const image = typeof inputs?.image === "string" ? nameOfImage(inputs.image) : "";
  const names = [image, image.split("/").at(-1) ?? ""].filter(each => each !== "");
  return { names, likely: keepsData(image) };
}

function keepsData(image: string): boolean {
  const words = (image.split("/").at(-1) ?? "").toLowerCase().split(/[^a-z0-9]+/);
  return words.some(word => HOLDERS.has(word)) && !words.some(word => BESIDE.test(word));
}

/** Without tag and digest. */
function nameOfImage(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^/]*$/, "");
}
