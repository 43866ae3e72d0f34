import { bytesOf } from '#core/conditions/byte-text';
import type { HeaderEdits } from '#core/routing/rules';

/** A field's name, as it is to be written, and its value, one character per byte. */
export type Field = readonly [name: string, value: string];

/** Returns fields after edits: each removes, sets and adds on what the one before it left. */
export function edited(
  fields: readonly Field[],
  edits: readonly HeaderEdits[] | undefined,
): readonly Field[] {
  let result = fields;
  for (const { remove, set, add } of edits ?? []) {
    const gone = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
    result = [
      ...result.filter(([name]) => !gone.has(name.toLowerCase())),
      ...Object.entries(set).map(asBytes),
      ...Object.entries(add).map(asBytes),
    ];
  }
  return result;
}

function asBytes([name, value]: [string, string]): Field {
  return [name, bytesOf(value)];
}
