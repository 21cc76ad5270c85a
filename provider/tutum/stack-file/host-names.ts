/** Host names in a text, as programs receive them: in addresses, connection strings, options, lists. */

export interface HostName {
  host: string;
  /** Whether it can only be a host: a word alone may be the name of a user or a database. */
  certain: boolean;
}

const HOST = "[A-Za-z0-9](?:[\\w.-]*\\w)?";
/** `postgres://user:pass@db:5432/name`, `mongodb://a:27017,b`: all between `//` and the path. */
const AUTHORITY = /[a-z][a-z0-9+.-]*:\/\/([^\s"'<>/?#();]+)/gi;
/** `db:3306`, `tcp(db:3306)`; neither the password before an `@` nor an address in digits. */
const WITH_PORT = new RegExp(`(?<![\\w.-])(${HOST}):\\d{2,5}(?![\\w.@])`, "g");
/** `user:pass@db/name`, `thin:@db:1521:x`. */
const AFTER_CREDENTIALS = new RegExp(`:[^\\s@]*@(${HOST})(?=$|[\\s:/?),;'"])`, "g");
/** `host=db`, `Server=tcp:db,1433`, `-Dsolr.host=solr`, `--redis-host=cache`. */
const SETTING = new RegExp(
  `[\\w.-]*(?:host|hostname|hosts|server|servers|addr|address|data source|endpoint|brokers?)\\s*[=:]\\s*["']?(?:tcp:)?(${HOST})(?=$|[\\s,;&:/'"])`,
  "gi",
);
/** `-h db`, `--host db`. */
const OPTION = new RegExp(
  `(?:^|\\s)(?:-[hH]|--(?:[\\w-]*-)?(?:host|hostname|server|addr|address|endpoint|upstream|broker))\\s+["']?(${HOST})`,
  "g",
);
/** `wait-for-it.sh db -- …`, `nc -z db 3306`, `until ping -c1 db`. */
const PROBE = new RegExp(
  `(?:^|[\\s/;&|"'(])(?:wait[\\w.-]*|ping|nc|ncat|telnet|curl|wget)\\s+(?:-[\\w-]+\\s+)*["']?(${HOST})`,
  "g",
);

/** In the value of an environment variable. */
export function hostsOfVariable(name: string, value: string): HostName[] {
  const kind = kindOf(name);
  if (kind === "other") return value.includes("://") ? within(value, [AUTHORITY]) : [];
  const words = value.split(kind === "host" ? /[\s,;|]+/ : /\s*[,;|]\s*/).filter(word => IS_HOST.test(word));
  return [
    ...within(value, [AUTHORITY, WITH_PORT, AFTER_CREDENTIALS, SETTING]),
    ...words.map(host => ({ host, certain: kind === "host" })),
  ];
}

/** In a command line. */
export function hostsOfCommand(text: string): HostName[] {
  return within(text, [AUTHORITY, WITH_PORT, AFTER_CREDENTIALS, SETTING, OPTION, PROBE]);
}

const IS_HOST = new RegExp(`^${HOST}$`);

function within(text: string, patterns: readonly RegExp[]): HostName[] {
  return patterns.flatMap(pattern =>
    [...text.matchAll(pattern)].flatMap(([, found = ""]) => {
      const hosts = pattern === AUTHORITY ? found.slice(found.lastIndexOf("@") + 1).split(",") : [found];
      return hosts.map(host => ({ host: host.replace(/:.*$/, ""), certain: true }));
    }),
  );
}

const HOST_WORDS =
  /(?:HOST|HOSTS|HOSTNAME|HOSTNAMES|HOST_NAME|ADDR|ADDRS|ADDRESS|ADDRESSES|SERVER|SERVERS|URL|URLS|URI|URIS|ENDPOINT|ENDPOINTS|BROKER|BROKERS|UPSTREAM|UPSTREAMS|BACKEND|BACKENDS|PEER|PEERS|NODES|INSTANCES|DSN|CONNECT)$/;
/** Other meanings of a service's name that stands alone. */
const OTHER_WORDS =
  /(?:^|[_.-])(?:USER|USERNAME|USERS|LOGIN|OWNER|PASS|PASSWD|PASSWORD|PW|NAME|DB|DATABASE|DBNAME|SCHEMA|TYPE|KIND|DRIVER|ENGINE|DIALECT|ADAPTER|MODE|ENV|ENVIRONMENT|PREFIX|SUFFIX|ROLE|ROLES|TOKEN|KEY|SECRET|TAG|VERSION|IMAGE|PROFILE|PROFILES|LEVEL|LOG|LANG|LOCALE|REALM|GROUP|TOPIC|QUEUE|BUCKET|VHOST|VIRTUAL_HOST|INDEX|PATH|DIR|FILE|ID|TITLE|CONTEXT|FORMAT|COMMAND|PORT|NAMESPACE|PROJECT|APP|COMPONENT|MODULE|TARGET|LABELS?|DEFAULTS|FEATURES?|MODEL)$/;

/** What a word is in a variable of this name. */
function kindOf(name: string): "host" | "other" | "unclear" {
  const upper = name.toUpperCase();
  if (/VIRTUAL_HOST$|VHOST$/.test(upper)) return "other";
  if (HOST_WORDS.test(upper)) return "host";
  return OTHER_WORDS.test(upper) ? "other" : "unclear";
}
