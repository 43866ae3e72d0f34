/** One place in which two JSON values differ; `undefined` where one of them has nothing there. */
export interface JsonDifference {
  /** A JSON pointer (RFC 6901). */
  readonly place: string;
  readonly original: string | undefined;
  readonly copy: string | undefined;
}

type Segments = readonly string[];

/** A pair that is still to be looked at. */
interface Pair {
  readonly path: Segments;
  readonly one: unknown;
  readonly other: unknown;
}

const nothing = Symbol('nothing');
const shownMost = 40;
const deepest = 64;

/**
 * Returns the first places, at most `most`, in which two JSON values differ, but for those to
 * ignore: segments of pointers, in which `*` stands for any. The order of keys means nothing,
 * that of lists does. Deeper than 64 levels nothing is looked at: a body can be nothing but
 * brackets.
 */
export function jsonDifferences(
  original: unknown,
  copy: unknown,
  ignore: readonly Segments[],
  most: number,
): readonly JsonDifference[] {
  const found: JsonDifference[] = [];
  const left: Pair[] = [{ path: [], one: original, other: copy }];
  for (let pair = left.pop(); pair !== undefined && found.length < most; pair = left.pop()) {
    const { path, one, other } = pair;
    if (one === other || path.length > deepest || ignore.some((segments) => isSame(segments, path)))
      continue;
    const inner = innerPairs(pair);
    if (inner === undefined) {
      found.push({ place: pointer(path), original: shown(one), copy: shown(other) });
    } else left.push(...inner);
  }
  return found;
}

/** Returns the parts of two lists, or of two objects, the first one last; undefined for others. */
function innerPairs({ path, one, other }: Pair): Pair[] | undefined {
  const [entries, others] = [entriesOf(one), entriesOf(other)];
  if (entries === undefined || others === undefined) return undefined;
  if (Array.isArray(one) !== Array.isArray(other)) return undefined;
  const keys = new Set([...entries.keys(), ...others.keys()]);
  return Array.from(keys, (key) => ({
    path: [...path, key],
    one: entries.has(key) ? entries.get(key) : nothing,
    other: others.has(key) ? others.get(key) : nothing,
  })).reverse();
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}

function isSame(segments: Segments, path: Segments): boolean {
  return (
    segments.length === path.length &&
    segments.every((segment, at) => segment === '*' || segment === path[at])
  );
}

function pointer(path: Segments): string {
  return path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Enough to see what it is; a body may hold what is nobody's business. */
function shown(value: unknown): string | undefined {
  if (value === nothing) return undefined;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? '';
  return text.length > shownMost ? `${text.slice(0, shownMost)}…` : text;
}
