import { availableParallelism, hostname } from 'node:os';
import { isCidr } from '#core/address/parse-cidr';
import { type Address, addressOf } from './address.ts';
import { durationMs } from './duration.ts';
import { type RulesSetting, rulesSettingOf } from './rules-setting.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a client's connection may take at most. */
export interface Limits {
  /** Requests on one connection. */
  readonly maxRequests: number;
  /** Connections of one client address; 0 for no limit. */
  readonly maxPerClient: number;
  /** Age at which a connection ends with its next answer; 0 for none. */
  readonly maxAgeMs: number;
  /** For the head of a request, from its first byte. */
  readonly headMs: number;
  /** Between two pieces of a request's body. */
  readonly bodyMs: number;
  /** Without a client taking anything of what was sent. */
  readonly writeMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
}

/** What the process is told at its start; none of it reloads. */
export interface Settings {
  readonly rules: RulesSetting;
  readonly listen: Address;
  /** Undefined: `listen` speaks TLS where there are certificates. Else this port does, and `listen` does not. */
  readonly tlsListen: Address | undefined;
  /** Certificates that clients are shown, each with its issuers; none: no TLS. */
  readonly tlsCertFiles: readonly string[];
  /** Their keys, in the same order. */
  readonly tlsKeyFiles: readonly string[];
  /** Undefined: no admin listener. */
  readonly admin: Address | undefined;
  /** Names by which the admin listener may be called, beside literal addresses and `localhost`. */
  readonly adminHosts: readonly string[];
  /** Tokens of those who may change something from elsewhere; undefined: nobody may. */
  readonly adminTokenFile: string | undefined;
  /** Whether requests to the admin listener from this machine need no token. */
  readonly trustsAdminLoopback: boolean;
  /** Folder in which it is kept how rollouts stand; undefined: it is forgotten with the process. */
  readonly stateDir: string | undefined;
  /** ConfigMap in which replicas keep how rollouts stand, and Lease of the same name by which one leads. */
  readonly state: SharedState | undefined;
  /** Admin listeners of the replicas; a name stands for all its addresses. */
  readonly peers: readonly Address[];
  /** Name of this one among them. */
  readonly replica: string;
  /** How long a leader that says nothing stays the leader for the others. */
  readonly leaseMs: number;
  /** How many revisions are kept to go back to. */
  readonly revisionHistory: number;
  /** CIDRs of peers whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Keys of override tokens and of the sticky and issued cookies; see keys.ts. */
  readonly keysFile: string | undefined;
  /** How long after SIGTERM the listener still takes connections. */
  readonly drainDelayMs: number;
  /** When, counted from SIGTERM, what is left is cut. */
  readonly drainTimeoutMs: number;
  readonly maxConnections: number;
  /** Processes that carry traffic; 1: this one does. */
  readonly workers: number;
  readonly limits: Limits;
  /** Of the event loop, half of whose turns are later; from there on work is shed. 0: never. */
  readonly maxLoopDelayMs: number;
  readonly logLevel: LogLevel;
}

/** What replicas keep together, and where in the cluster. */
export interface SharedState {
  readonly namespace: string;
  readonly name: string;
}

/** One setting: a flag and a variable, of which the flag wins. */
export interface Setting<Value> {
  /** As commander reads it: `-c, --rules <file>`. */
  readonly flags: string;
  readonly variable: string;
  readonly help: string;
  /** What holds where neither flag nor variable is given, as one would write it. */
  readonly standard: string | undefined;
  /** Completes "must be …". */
  readonly must: string;
  readonly parse: (text: string) => Value | undefined;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function listOf(isOne: (part: string) => boolean) {
  return (text: string): readonly string[] | undefined => {
    const parts = list(text);
    return parts.every(isOne) ? parts : undefined;
  };
}

const isName = (text: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(text);

function wholeNumber(min: number, max: number) {
  return (text: string): number | undefined => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

const maxWorkers = 128;

/** Cores count as far as this process may use them: libuv asks for its affinity and its cgroup. */
function workersOf(text: string): number | undefined {
  if (text !== 'auto') return wholeNumber(1, maxWorkers)(text);
  return Math.min(availableParallelism(), maxWorkers);
}

const positive = (text: string): number | undefined => durationMs(text) || undefined;
const file = (text: string): string | undefined => (text === '' ? undefined : text);
const trueOrFalse = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;
const duration = 'a duration such as 500ms, 10s or 2m';

function sharedStateOf(text: string): SharedState | undefined {
  const [, namespace, name] = /^configmap:([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

function addressesOf(text: string): readonly Address[] | undefined {
  const addresses = list(text).map(addressOf);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

function leaseMsOf(text: string): number | undefined {
  const ms = durationMs(text) ?? 0;
  return ms >= 1_000 && ms <= 600_000 ? ms : undefined;
}

type ListOfSettings = { readonly [Name in Exclude<keyof Settings, 'limits'>]: Setting<unknown> } & {
  readonly [Name in keyof Limits]: Setting<number>;
};

/** Every setting of `turnout run`; help, reference and reading are made from this list. */
export const settingList: ListOfSettings = {
  rules: {
    flags: '-c, --rules <source>',
    variable: 'TURNOUT_RULES',
    help: 'the rules document: a file, configmap:NAMESPACE/NAME[/KEY] or httproutes:NAMESPACE[/GATEWAY]; watched, and taken anew when it changes',
    standard: 'routes.yaml',
    must: 'the path of a file, configmap:NAMESPACE/NAME[/KEY] or httproutes:NAMESPACE[/GATEWAY]',
    parse: rulesSettingOf,
  },
  listen: {
    flags: '-l, --listen <host:port>',
    variable: 'TURNOUT_LISTEN',
    help: 'where traffic comes in; port 0 takes a free one',
    standard: '0.0.0.0:8080',
    must: 'HOST:PORT, for example 0.0.0.0:8080 or [::]:8080',
    parse: addressOf,
  },
  tlsCertFiles: {
    flags: '--tls-cert <files>',
    variable: 'TURNOUT_TLS_CERT',
    help: 'certificates, by comma, chosen by the name a client asks for; with them --listen speaks TLS',
    standard: '',
    must: 'the paths of PEM files separated by commas',
    parse: list,
  },
  tlsKeyFiles: {
    flags: '--tls-key <files>',
    variable: 'TURNOUT_TLS_KEY',
    help: 'their private keys, by comma, in the same order',
    standard: '',
    must: 'the paths of PEM files separated by commas',
    parse: list,
  },
  tlsListen: {
    flags: '--tls-listen <host:port>',
    variable: 'TURNOUT_TLS_LISTEN',
    help: 'a port of its own for TLS; --listen then goes on without',
    standard: undefined,
    must: 'HOST:PORT, for example 0.0.0.0:8443 or [::]:8443',
    parse: addressOf,
  },
  admin: {
    flags: '--admin <host:port>',
    variable: 'TURNOUT_ADMIN',
    help: 'where /livez, /readyz, /metrics and the API answer; "off" for none',
    standard: '127.0.0.1:9090',
    must: 'HOST:PORT, for example 127.0.0.1:9090, or "off"',
    parse: (text) => (text === 'off' ? 'off' : addressOf(text)),
  },
  adminHosts: {
    flags: '--admin-hosts <names>',
    variable: 'TURNOUT_ADMIN_HOSTS',
    help: 'names, by comma, the admin listener may be called by beside addresses and localhost',
    standard: '',
    must: 'host names separated by commas, without ports',
    parse: listOf(isName),
  },
  adminTokenFile: {
    flags: '--admin-token-file <file>',
    variable: 'TURNOUT_ADMIN_TOKEN_FILE',
    help: 'tokens, a line each, of those who may change something from another machine',
    standard: undefined,
    must: 'the path of a file',
    parse: file,
  },
  trustsAdminLoopback: {
    flags: '--no-admin-trust-loopback',
    variable: 'TURNOUT_ADMIN_TRUST_LOOPBACK',
    help: 'changes need a token from this machine too, as they should beside an app in one pod',
    standard: 'true',
    must: '"true" or "false"',
    parse: trueOrFalse,
  },
  stateDir: {
    flags: '--state-dir <dir>',
    variable: 'TURNOUT_STATE_DIR',
    help: 'folder in which it is kept how rollouts stand; without it a restart begins them anew',
    standard: undefined,
    must: 'the path of a folder',
    parse: file,
  },
  state: {
    flags: '--state <configmap:namespace/name>',
    variable: 'TURNOUT_STATE',
    help: 'ConfigMap and Lease by which several replicas move the rollouts as one; in place of --state-dir',
    standard: undefined,
    must: 'configmap:NAMESPACE/NAME, for example configmap:shop/turnout-state',
    parse: sharedStateOf,
  },
  peers: {
    flags: '--peers <host:port>',
    variable: 'TURNOUT_PEERS',
    help: 'admin listeners of the replicas, by comma; a name stands for all its addresses',
    standard: '',
    must: 'HOST:PORT, several by comma, for example turnout-peers.shop.svc:9090',
    parse: addressesOf,
  },
  replica: {
    flags: '--replica <name>',
    variable: 'TURNOUT_REPLICA',
    help: 'name of this replica, one for each; without it that of the machine',
    standard: undefined,
    must: 'a name of letters, digits, "-" and "."',
    parse: (text) => (isName(text) ? text : undefined),
  },
  leaseMs: {
    flags: '--lease-duration <duration>',
    variable: 'TURNOUT_LEASE_DURATION',
    help: 'how long after its last word a leader may be replaced',
    standard: '15s',
    must: 'a duration from 1s to 10m',
    parse: leaseMsOf,
  },
  revisionHistory: {
    flags: '--revision-history <number>',
    variable: 'TURNOUT_REVISION_HISTORY',
    help: 'how many revisions are kept to go back to',
    standard: '10',
    must: 'a whole number from 1 to 1000',
    parse: wholeNumber(1, 1_000),
  },
  trustedProxies: {
    flags: '--trusted-proxies <cidrs>',
    variable: 'TURNOUT_TRUSTED_PROXIES',
    help: 'networks, by comma, whose X-Forwarded-* headers are believed',
    standard: '',
    must: 'addresses or networks separated by commas, for example 10.0.0.0/8,fd00::/8',
    parse: listOf(isCidr),
  },
  keysFile: {
    flags: '--keys <file>',
    variable: 'TURNOUT_KEYS',
    help: 'keys of preview links and cookies, a line ID:SECRET each; the first one signs',
    standard: undefined,
    must: 'the path of a file',
    parse: file,
  },
  drainDelayMs: {
    flags: '--drain-delay <duration>',
    variable: 'TURNOUT_DRAIN_DELAY',
    help: 'after SIGTERM: how long new connections are still taken',
    standard: '10s',
    must: duration,
    parse: durationMs,
  },
  drainTimeoutMs: {
    flags: '--drain-timeout <duration>',
    variable: 'TURNOUT_DRAIN_TIMEOUT',
    help: 'after SIGTERM: when exchanges that have not ended are cut',
    standard: '25s',
    must: `${duration}, and not shorter than the drain delay`,
    parse: durationMs,
  },
  workers: {
    flags: '--workers <number>',
    variable: 'TURNOUT_WORKERS',
    help: 'processes that carry traffic; "auto": as many as there are cores',
    standard: '1',
    must: `"auto" or a whole number from 1 to ${maxWorkers}`,
    parse: workersOf,
  },
  maxConnections: {
    flags: '--max-connections <number>',
    variable: 'TURNOUT_MAX_CONNECTIONS',
    help: 'connections of clients at the same time',
    standard: '10000',
    must: 'a whole number from 1 to 1000000',
    parse: wholeNumber(1, 1_000_000),
  },
  maxRequests: {
    flags: '--max-requests <number>',
    variable: 'TURNOUT_MAX_REQUESTS',
    help: 'requests on one connection',
    standard: '10000',
    must: 'a whole number from 1 to 1000000',
    parse: wholeNumber(1, 1_000_000),
  },
  maxPerClient: {
    flags: '--max-connections-per-client <number>',
    variable: 'TURNOUT_MAX_CONNECTIONS_PER_CLIENT',
    help: 'connections of one client address at the same time; 0 for no limit',
    standard: '0',
    must: 'a whole number from 0 to 1000000',
    parse: wholeNumber(0, 1_000_000),
  },
  maxAgeMs: {
    flags: '--max-connection-age <duration>',
    variable: 'TURNOUT_MAX_CONNECTION_AGE',
    help: 'age at which a connection ends with its next answer, give or take a tenth; 0s for none',
    standard: '1h',
    must: duration,
    parse: durationMs,
  },
  maxLoopDelayMs: {
    flags: '--max-loop-delay <duration>',
    variable: 'TURNOUT_MAX_LOOP_DELAY',
    help: 'work is shed when half of the turns of the event loop are later; 0s for never',
    standard: '100ms',
    must: duration,
    parse: durationMs,
  },
  headMs: {
    flags: '--head-timeout <duration>',
    variable: 'TURNOUT_HEAD_TIMEOUT',
    help: 'for the head of a request, from its first byte',
    standard: '10s',
    must: `${duration}, longer than 0`,
    parse: positive,
  },
  bodyMs: {
    flags: '--body-timeout <duration>',
    variable: 'TURNOUT_BODY_TIMEOUT',
    help: 'between two pieces of a request body',
    standard: '30s',
    must: `${duration}, longer than 0`,
    parse: positive,
  },
  writeMs: {
    flags: '--write-timeout <duration>',
    variable: 'TURNOUT_WRITE_TIMEOUT',
    help: 'without a client taking anything of what was sent to it',
    standard: '60s',
    must: `${duration}, longer than 0`,
    parse: positive,
  },
  keepAliveMs: {
    flags: '--keep-alive <duration>',
    variable: 'TURNOUT_KEEP_ALIVE',
    help: 'how long an idle connection of a client stays open',
    standard: '75s',
    must: `${duration}, longer than 0`,
    parse: positive,
  },
  logLevel: {
    flags: '--log-level <level>',
    variable: 'TURNOUT_LOG_LEVEL',
    help: logLevels.join(', '),
    standard: 'info',
    must: `one of ${logLevels.join(', ')}`,
    parse: (text) => logLevels.find((level) => level === text),
  },
};

export type SettingName = keyof typeof settingList;

/** Returns the long flag: `--rules`. */
export function flagOf(setting: Setting<unknown>): string {
  return /--[a-z-]+/.exec(setting.flags)?.[0] ?? setting.flags;
}

/** What was given, by the setting's name. */
export type Given = Readonly<Partial<Record<SettingName, string | undefined>>>;
export type Environment = Readonly<Record<string, string | undefined>>;

interface Origin {
  readonly text: string | undefined;
  /** How a person wrote it: `--listen` or `TURNOUT_LISTEN`. */
  readonly place: string;
}

/** An empty variable counts as absent: that is how a manifest says "not set". */
function originOf(setting: Setting<unknown>, flag: string | undefined, env: Environment): Origin {
  if (flag !== undefined) return { text: flag, place: flagOf(setting) };
  const variable = env[setting.variable];
  if (variable !== undefined && variable !== '') return { text: variable, place: setting.variable };
  return { text: setting.standard, place: flagOf(setting) };
}

export type ReadSettings =
  | { readonly settings: Settings; readonly problems?: never }
  | { readonly settings?: never; readonly problems: readonly string[] };

/**
 * Returns the settings, or every reason why they cannot be used, each a sentence that
 * names the flag or variable, the value and what it must be.
 */
export function readSettings(given: Given, env: Environment): ReadSettings {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(settingList)) {
    const { text, place } = originOf(setting, given[name as SettingName], env);
    if (text === undefined) continue;
    values[name] = setting.parse(text);
    if (values[name] === undefined)
      problems.push(`${place} must be ${setting.must}, got "${text}"`);
  }
  if (problems.length > 0) return { problems };
  const { maxRequests, maxPerClient, maxAgeMs, headMs, bodyMs, writeMs, keepAliveMs, ...rest } =
    values;
  const { admin, ...plain } = rest;
  // The list holds a parser for each name; that is what its type says.
  const settings = {
    ...plain,
    admin: admin === 'off' ? undefined : admin,
    keysFile: values.keysFile,
    tlsListen: values.tlsListen,
    adminTokenFile: values.adminTokenFile,
    stateDir: values.stateDir,
    state: values.state,
    replica: values.replica ?? hostname(),
    limits: { maxRequests, maxPerClient, maxAgeMs, headMs, bodyMs, writeMs, keepAliveMs },
  } as Settings;
  const together = [
    drainProblem(settings),
    pairsProblem(settings),
    listenProblem(settings),
    stateProblem(settings),
    peersProblem(settings),
  ];
  const found = together.filter((problem) => problem !== undefined);
  return found.length > 0 ? { problems: found } : { settings };
}

function drainProblem({ drainDelayMs, drainTimeoutMs }: Settings): string | undefined {
  if (drainTimeoutMs >= drainDelayMs) return undefined;
  const [delay, timeout] = [settingList.drainDelayMs, settingList.drainTimeoutMs].map(flagOf);
  return `${timeout} must not be shorter than ${delay} (${drainDelayMs} ms), got ${drainTimeoutMs} ms`;
}

function pairsProblem({ tlsCertFiles, tlsKeyFiles }: Settings): string | undefined {
  const [certs, keys] = [tlsCertFiles.length, tlsKeyFiles.length];
  if (certs === keys) return undefined;
  return `--tls-cert and --tls-key must name as many files each, got ${certs} and ${keys}`;
}

function listenProblem({ tlsListen, tlsCertFiles }: Settings): string | undefined {
  if (tlsListen === undefined || tlsCertFiles.length > 0) return undefined;
  return '--tls-listen must have a certificate: name it with --tls-cert and its key with --tls-key';
}

function stateProblem({ state, stateDir }: Settings): string | undefined {
  if (state === undefined || stateDir === undefined) return undefined;
  return '--state and --state-dir must not be given both: state is kept in one place';
}

/** Whoever may read tallies may also tell them: replicas know each other by a token. */
function peersProblem({ peers, state, admin, adminTokenFile }: Settings): string | undefined {
  if (peers.length === 0) return undefined;
  if (state === undefined) return '--peers must go with --state: that is what replicas share';
  if (admin === undefined) return '--peers must go with --admin: that is where replicas answer';
  if (adminTokenFile !== undefined) return undefined;
  return '--peers must go with --admin-token-file: replicas know each other by its first token';
}
