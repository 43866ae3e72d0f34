/** How a testpage behaves; all of it comes from variables, so that a manifest can say it. */
export interface PageSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The address it tells; undefined: the one the request came in on. */
  readonly podIp: string | undefined;
  readonly version: string;
  /** Share of page answers that are a 500, 0 to 1. */
  readonly errorRate: number;
  /** How long an answer takes. */
  readonly latencyMs: number;
  /** How long after its start it is not ready. */
  readonly startMs: number;
  /** How long it serves on after SIGTERM. */
  readonly drainMs: number;
}

export type ReadPageSettings =
  | { readonly settings: PageSettings; readonly problems?: never }
  | { readonly settings?: never; readonly problems: readonly string[] };

interface Variable {
  readonly standard: string;
  readonly must: string;
  readonly parse: (text: string) => string | number | undefined;
}

const text = (value: string): string => value;
const maxMs = 3_600_000;

function numberUpTo(max: number, shape: RegExp) {
  return (value: string): number | undefined =>
    shape.test(value) && Number(value) <= max ? Number(value) : undefined;
}

const milliseconds: Variable = {
  standard: '0',
  must: `milliseconds, a whole number from 0 to ${maxMs}`,
  parse: numberUpTo(maxMs, /^\d{1,7}$/),
};

/** The variables of a testpage, for its help and for reading them. */
export const pageVariables = {
  PORT: {
    standard: '8080',
    must: 'a port, a whole number from 0 to 65535',
    parse: numberUpTo(65_535, /^\d{1,5}$/),
  },
  HOST: { standard: '0.0.0.0', must: 'an address', parse: text },
  POD_IP: { standard: '', must: 'an address', parse: text },
  VERSION: {
    standard: 'v1',
    must: 'printable text of 1 to 63 characters',
    parse: (value) => (/^[\x20-\x7e]{1,63}$/.test(value) ? value : undefined),
  },
  ERROR_RATE: {
    standard: '0',
    must: 'a share from 0 to 1, for example 0.05',
    parse: numberUpTo(1, /^(?:0|1|0?\.\d{1,9}|1\.0{1,9})$/),
  },
  LATENCY_MS: milliseconds,
  START_MS: milliseconds,
  DRAIN_MS: milliseconds,
} as const satisfies Record<string, Variable>;

/** Returns the settings the variables say; an empty one counts as absent. */
export function readPageSettings(
  env: Readonly<Record<string, string | undefined>>,
): ReadPageSettings {
  const values: Record<string, string | number> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries<Variable>(pageVariables)) {
    const given = env[name];
    const said = given === undefined || given === '' ? variable.standard : given;
    const value = variable.parse(said);
    if (value === undefined) problems.push(`${name} must be ${variable.must}, got "${said}"`);
    else values[name] = value;
  }
  return problems.length > 0 ? { problems } : { settings: settingsOf(values) };
}

function settingsOf(values: Readonly<Record<string, string | number>>): PageSettings {
  return {
    host: String(values.HOST),
    port: Number(values.PORT),
    podIp: values.POD_IP === '' ? undefined : String(values.POD_IP),
    version: String(values.VERSION),
    errorRate: Number(values.ERROR_RATE),
    latencyMs: Number(values.LATENCY_MS),
    startMs: Number(values.START_MS),
    drainMs: Number(values.DRAIN_MS),
  };
}
