import { type JsonSchema, jsonSchema } from './json-schema.ts';
import type { Path } from './path-text.ts';

let whole: JsonSchema | undefined;

/** Returns the keys that may stand in the mapping at a path. */
export function keysAt(path: Path): readonly string[] {
  return schemasAt(path).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** Returns the words that may stand at a path, where only some may. */
export function wordsAt(path: Path): readonly string[] {
  const words = schemasAt(path).flatMap(({ enum: list = [], const: only }) => [...list, only]);
  return words.filter((word) => typeof word === 'string');
}

/** Returns every reading of the schema at a path: a value may often be written in several ways. */
export function schemasAt(path: Path): readonly JsonSchema[] {
  const top = wholeSchema();
  return schemasBelow(readings(top, top), path);
}

/** Returns the strategies whose rollouts may have a key at a path below `rollout`. */
export function strategiesWith(path: Path, key: string): readonly string[] {
  const rollouts = schemasAt(['defaults', 'rollout']);
  return rollouts.flatMap((rollout) => {
    const strategy = rollout.properties?.strategy?.const;
    const has = schemasBelow([rollout], path).some(({ properties }) => properties?.[key]);
    return typeof strategy === 'string' && has ? [strategy] : [];
  });
}

function wholeSchema(): JsonSchema {
  // The one place that knows JSON Schema as JSON: zod types its output more loosely.
  whole ??= jsonSchema() as JsonSchema;
  return whole;
}

function schemasBelow(from: readonly JsonSchema[], path: Path): readonly JsonSchema[] {
  const top = wholeSchema();
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
