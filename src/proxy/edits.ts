import { bytesOf } from '#core/conditions/byte-text';
import type { CompiledEdits } from '#core/http1/write-head';
import type { Version } from '#core/routing/route';
import type { HeaderEdits } from '#core/routing/rules';

/** Returns edits as the writer of heads takes them: later ones work on what earlier ones left. */
export function compileEdits(edits: readonly HeaderEdits[] | undefined): CompiledEdits | undefined {
  if (edits === undefined || edits.length === 0) return undefined;
  const drop = new Set<string>();
  let lines: (readonly [name: string, value: string])[] = [];
  const remove = (name: string) => {
    drop.add(name.toLowerCase());
    lines = lines.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  };
  for (const edit of edits) {
    for (const name of edit.remove) remove(name);
    for (const [name, value] of Object.entries(edit.set)) {
      remove(name);
      lines.push([name, value]);
    }
    lines.push(...Object.entries(edit.add));
  }
  const text = lines.map(([name, value]) => `${name}: ${bytesOf(value)}\r\n`).join('');
  return { drop, lines: text };
}

/** The edits of a version, in the form the writer of heads takes. */
export interface VersionEdits {
  readonly request: CompiledEdits | undefined;
  readonly response: CompiledEdits | undefined;
}

const compiled = new WeakMap<Version, VersionEdits>();
const noEdits: VersionEdits = { request: undefined, response: undefined };

/** Returns the edits of a version, compiled at its first request. */
export function editsOf(version: Version): VersionEdits {
  if (version.requestHeaders === undefined && version.responseHeaders === undefined) return noEdits;
  let edits = compiled.get(version);
  if (edits === undefined) {
    edits = {
      request: compileEdits(version.requestHeaders),
      response: compileEdits(version.responseHeaders),
    };
    compiled.set(version, edits);
  }
  return edits;
}
