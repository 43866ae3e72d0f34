/** A line of an exposition. */
export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Parsed {
  readonly types: ReadonlyMap<string, string>;
  readonly lines: readonly Line[];
}

const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.e+-]+|[+-]Inf)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Returns what a text exposition says, or throws at the first thing that is not of the format:
 * prometheus.io/docs/instrumenting/exposition_formats, and openmetrics.io for `openMetrics`.
 */
export function parseExposition(text: string, { openMetrics = false } = {}): Parsed {
  if (!text.endsWith(openMetrics ? '\n# EOF\n' : '\n')) throw new Error('the end is missing');
  const types = new Map<string, string>();
  const lines: Line[] = [];
  const seen = new Set<string>();
  let family = '';
  for (const line of text.trimEnd().split('\n')) {
    if (line === '# EOF') continue;
    if (line.startsWith('#')) family = familyIn(line, types) ?? family;
    else {
      const parsed = lineOf(line);
      checkLine(parsed, family, suffixesOf(types.get(family), openMetrics), seen);
      lines.push(parsed);
    }
  }
  return { types, lines };
}

/** Returns the family that a comment begins, and keeps its type. */
function familyIn(line: string, types: Map<string, string>): string | undefined {
  const [, word, name = '', type = ''] = line.split(' ');
  if (word === 'HELP') return undefined;
  if (word !== 'TYPE') throw new Error(`unknown comment: ${line}`);
  if (types.has(name)) throw new Error(`${name} comes twice`);
  types.set(name, type);
  return name;
}

function checkLine(line: Line, family: string, suffixes: readonly string[], seen: Set<string>) {
  const series = `${line.name}${JSON.stringify(Object.entries(line.labels).sort())}`;
  if (seen.has(series)) throw new Error(`the series comes twice: ${series}`);
  seen.add(series);
  if (!suffixes.some((suffix) => line.name === `${family}${suffix}`)) {
    throw new Error(`${line.name} is no line of ${family}`);
  }
}

function suffixesOf(type: string | undefined, openMetrics: boolean): readonly string[] {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'];
  if (type === 'summary') return ['', '_sum', '_count'];
  return type === 'counter' && openMetrics ? ['_total'] : [''];
}

function lineOf(line: string): Line {
  const [whole, name = '', written = '', value = ''] = sample.exec(line) ?? [];
  if (whole === undefined) throw new Error(`unreadable: ${line}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < written.length) {
    const [found, key = '', text = ''] = label.exec(written) ?? [];
    if (found === undefined || key in labels) throw new Error(`unreadable labels: ${line}`);
    labels[key] = text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

/** Returns the value of the one line with this name and these labels among its own. */
export function valueIn(
  { lines }: Parsed,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = lines.filter(
    (line) =>
      line.name === name && Object.entries(labels).every(([k, v]) => (line.labels[k] ?? '') === v),
  );
  if (found.length > 1)
    throw new Error(`${found.length} lines of ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value;
}
