import { bytesOf } from '#core/conditions/byte-text';
import type { HeaderEdits } from '#core/routing/rules';

/** A field's name, as it is to be written, and its value, one character per byte. */
export type Field = readonly [name: string, value: string];

/** What edits come to: these names go, then these fields are added. */
export interface CompiledEdits {
  /** In lower case. */
  readonly drop: ReadonlySet<string>;
  readonly added: readonly Field[];
}

const none: CompiledEdits = { drop: new Set(), added: [] };
const compiled = new WeakMap<readonly HeaderEdits[], CompiledEdits>();

/** Returns what edits come to, one after the other: later ones work on what earlier ones left. */
export function editsOf(edits: readonly HeaderEdits[] | undefined): CompiledEdits {
  if (edits === undefined) return none;
  let result = compiled.get(edits);
  if (result === undefined) {
    result = compileEdits(edits);
    compiled.set(edits, result);
  }
  return result;
}

function compileEdits(edits: readonly HeaderEdits[]): CompiledEdits {
  const drop = new Set<string>();
  let added: Field[] = [];
  for (const { remove, set, add } of edits) {
    const gone = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
    for (const name of gone) drop.add(name);
    added = added.filter(([name]) => !gone.has(name.toLowerCase()));
    for (const [name, value] of [...Object.entries(set), ...Object.entries(add)]) {
      added.push([name, bytesOf(value)]);
    }
  }
  return { drop, added };
}
