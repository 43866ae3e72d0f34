import { type JsonSchema, jsonSchema } from './json-schema.ts';
import type { Path } from './path-text.ts';

/** What a schema knows of the places of a document, for messages. */
export interface KnownWords {
  /** The keys that may stand in the mapping at a path. */
  readonly keysAt: (path: Path) => readonly string[];
  /** The words that may stand at a path, where only some may. */
  readonly wordsAt: (path: Path) => readonly string[];
  /** Every reading of the schema at a path: a value may often be written in several ways. */
  readonly schemasAt: (path: Path) => readonly JsonSchema[];
}

/** Returns what a JSON Schema knows; it is made when it is asked first. */
export function knownWords(make: () => Record<string, unknown>): KnownWords {
  let made: JsonSchema | undefined;
  const schemasAt = (path: Path) => {
    // The one place that knows JSON Schema as JSON: zod types its output more loosely.
    made ??= make() as JsonSchema;
    return schemasBelow(readings(made, made), path, made);
  };
  return {
    schemasAt,
    keysAt: (path) => schemasAt(path).flatMap((schema) => Object.keys(schema.properties ?? {})),
    wordsAt: (path) => {
      const words = schemasAt(path).flatMap(({ enum: list = [], const: only }) => [...list, only]);
      return words.filter((word) => typeof word === 'string');
    },
  };
}

/** Of a rules document. */
export const documentWords = knownWords(jsonSchema);

/** Returns the strategies whose rollouts may have a key at a path below `rollout`. */
export function strategiesWith(path: Path, key: string): readonly string[] {
  const [top = {}] = documentWords.schemasAt([]);
  const rollouts = documentWords.schemasAt(['defaults', 'rollout']);
  return rollouts.flatMap((rollout) => {
    const strategy = rollout.properties?.strategy?.const;
    const has = schemasBelow([rollout], path, top).some(({ properties }) => properties?.[key]);
    return typeof strategy === 'string' && has ? [strategy] : [];
  });
}

function schemasBelow(
  from: readonly JsonSchema[],
  path: Path,
  top: JsonSchema,
): readonly JsonSchema[] {
  let schemas = from;
  for (const key of path) {
    schemas = schemas.flatMap((schema) => {
      const inner = typeof key === 'number' ? schema.items : valueSchema(schema, key);
      return inner === undefined ? [] : readings(inner, top);
    });
  }
  return schemas;
}

function valueSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function readings(schema: JsonSchema, top: JsonSchema): readonly JsonSchema[] {
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema;
  const inner = [...anyOf, ...oneOf, ...allOf];
  if ($ref !== undefined) {
    const target = top.definitions?.[$ref.replace('#/definitions/', '')];
    if (target !== undefined) inner.push(target);
  }
  return [schema, ...inner.flatMap((one) => readings(one, top))];
}
