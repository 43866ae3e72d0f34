/** What a value of a replay file must be, and in which words that is told. */
export interface Shape<Value> {
  readonly must: string;
  readonly is: (value: unknown) => value is Value;
}

type Fields<Value> = { readonly [Key in keyof Value]-?: Shape<Value[Key]> };

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

export const count: Shape<number> = { must: 'a number from 0', is: isCount };

export const text: Shape<string> = {
  must: 'a text',
  is: (value): value is string => typeof value === 'string',
};

export const yesOrNo: Shape<boolean> = {
  must: 'true or false',
  is: (value): value is boolean => typeof value === 'boolean',
};

export function oneOf<Word extends string | number>(words: readonly Word[]): Shape<Word> {
  return {
    must: `one of ${words.join(', ')}`,
    is: (value): value is Word => words.some((word) => word === value),
  };
}

/** JSON has no undefined: what is not there is not there. */
export function optional<Value>({ must, is }: Shape<Value>): Shape<Value | undefined> {
  return { must, is: (value): value is Value | undefined => value === undefined || is(value) };
}

/** A list of which each member has its own shape. */
export function row<Members extends readonly unknown[]>(
  ...shapes: { readonly [Place in keyof Members]: Shape<Members[Place]> }
): Shape<Members> {
  return {
    must: `[${shapes.map(({ must }) => must).join(', ')}]`,
    is: (value): value is Members =>
      Array.isArray(value) &&
      value.length === shapes.length &&
      shapes.every(({ is }, place) => is(value[place])),
  };
}

export function listOf<Value>({ must, is }: Shape<Value>): Shape<readonly Value[]> {
  return {
    must: `a list of ${must}`,
    is: (value): value is readonly Value[] => Array.isArray(value) && value.every(is),
  };
}

export function object<Value extends object>(fields: Fields<Value>): Shape<Value> {
  return {
    must: `an object of ${Object.keys(fields).join(', ')}`,
    is: (value): value is Value => faultIn(value, fields) === undefined,
  };
}

/** Returns what is wrong with an object: `"units" must be …, got …`; undefined: nothing is. */
export function faultIn<Value extends object>(
  value: unknown,
  fields: Fields<Value>,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `it must be an object, got ${shown(value)}`;
  }
  const given = new Map<string, unknown>(Object.entries(value));
  const shapes = new Map<string, Shape<unknown>>(Object.entries(fields));
  for (const key of given.keys()) if (!shapes.has(key)) return `unknown key "${key}"`;
  for (const [key, { must, is }] of shapes) {
    if (!is(given.get(key))) return `"${key}" must be ${must}, got ${shown(given.get(key))}`;
  }
  return undefined;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 40 ? `${json.slice(0, 39)}…` : json;
}
