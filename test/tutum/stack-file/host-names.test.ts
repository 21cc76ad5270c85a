// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how stack files write variables.
import { hostsOfCommand, hostsOfVariable } from "../../../provider/tutum/stack-file/host-names";

/** The services of a file: other words are nobody's. */
const SERVICES = ["db", "db2", "web", "app", "redis", "postgres", "kafka-1", "kafka-2", "alfresco"];

function named(hosts: ReturnType<typeof hostsOfCommand>): string[] {
  const found = hosts.filter(({ host }) => SERVICES.includes(host));
  return [...new Set(found.map(({ host, certain }) => (certain ? host : `${host}?`)))];
}

describe("hosts in environment variables", () => {
  test.each([
    ["WORDPRESS_DB_HOST", "db", ["db"]],
    ["WORDPRESS_DB_HOST", "db:3306", ["db"]],
    ["PGHOST", "db", ["db"]],
    ["HOST", "postgres", ["postgres"]],
    ["DATABASE_URL", "postgres://me:p4ss:word@db:5432/app?sslmode=disable", ["db"]],
    ["DATABASE_URL", "postgresql+asyncpg://app@db/web", ["db"]],
    ["SPRING_DATASOURCE_URL", "jdbc:mysql://db/app", ["db"]],
    ["MONGO", "mongodb://web:secret@db:27017,db2/app", ["db", "db2"]],
    ["BROKER", "failover:(nio://kafka-1:61616,nio://kafka-2:61616)?x=y", ["kafka-1", "kafka-2"]],
    ["KAFKA_BROKERS", "kafka-1:9092,kafka-2:9092", ["kafka-1", "kafka-2"]],
    ["KAFKA_BROKERS", "kafka-1, kafka-2", ["kafka-1", "kafka-2"]],
    ["DSN", "web:secret@tcp(db:3306)/app", ["db"]],
    ["SETTINGS", "web:secret@db/app", ["db"]],
    ["ORACLE", "jdbc:oracle:thin:web/secret:@db:1521:app", ["db"]],
    ["CONNECTION", "Server=tcp:db,1433;Database=app;User=web", ["db"]],
    ["CONNECTION", "host=db user=web dbname=app", ["db"]],
    ["JAVA_OPTS", "-Xmx1g -Dsolr.host=redis -Ddb.name=web", ["redis"]],
    ["REDIS", "redis", ["redis?"]],
    ["CACHE_BACKEND", "redis", ["redis"]],
    ["DB_CONNECTION", "postgres", ["postgres?"]],
    ["POSTGRES_USER", "alfresco", []],
    ["POSTGRES_DB", "app", []],
    ["DB_NAME", "db", []],
    ["DB_TYPE", "postgres", []],
    ["MODE", "web", []],
    ["KEY_PREFIX", "app", []],
    ["IMAGE", "redis:7", []],
    ["APP_IMAGE", "postgres:16", []],
    ["BACKUP_USER_URL", "http://app/", ["app"]],
    ["API_HOST", "db.example.com", []],
    ["API_URL", "https://web.example.com/db", []],
    ["API_HOST", "my-db", []],
    ["VIRTUAL_HOST", "web", []],
    ["WORK_DIR", "/srv/app", []],
    ["GREETING", "the web app", []],
    ["FEATURES", "web,app", []],
    ["URL", "http://localhost:8080", []],
    ["ADMIN", "web@example.com", []],
  ])("%s=%s", (name, value, hosts) => {
    expect(named(hostsOfVariable(name, value))).toEqual(hosts);
  });
});

describe("hosts in commands", () => {
  test.each([
    ["wait-for-it db:5432 -- npm start", ["db"]],
    ["./wait-for.sh -q db -- run", ["db"]],
    ["sh -c 'until nc -z db 3306; do sleep 1; done'", ["db"]],
    ["dockerize -wait tcp://redis:6379 app", ["redis"]],
    ["redis-cli -h redis ping", ["redis"]],
    ["server --redis-host=redis --db-host db", ["redis", "db"]],
    ["celery worker -b redis://redis:6379/0 app", ["redis"]],
    ["npm run web", []],
    ["postgres -c max_connections=300", []],
    ["gunicorn -b 0.0.0.0:8000 app.wsgi", []],
    ["bundle exec rails app", []],
    ["/srv/web/app --name db", []],
  ])("%s", (command, hosts) => {
    expect(named(hostsOfCommand(command))).toEqual(hosts);
  });
});
