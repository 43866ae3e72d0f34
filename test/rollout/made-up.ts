import type { Document } from '../../src/core/document/document.ts';
import { read } from '../../src/core/document/read.ts';
import { accepted } from '../../src/rollout/accepted.ts';
import { type Change, recorded } from '../../src/rollout/change.ts';
import type { Entry } from '../../src/rollout/entries.ts';
import { type Kept, nothingKept } from '../../src/rollout/kept.ts';

/** Returns a document of one route `shop` with v1 and v2, and what a test adds to it. */
export function shop(
  rollout = '',
  versions = 'v1: {url: "http://a:1"}, v2: {url: "http://b:1", weight: 0}',
) {
  return documentOf(`
apiVersion: turnout/v1
routes:
  - name: shop
    unit: ["header:x-user-id"]
    versions: { ${versions} }
${rollout === '' ? '' : `    rollout: ${rollout}`}
`);
}

export function documentOf(text: string): Document {
  const reading = read(text);
  if (reading.kind === 'document') return reading.document;
  throw new Error(reading.problems.map(({ message }) => message).join('; '));
}

export const canary =
  '{ strategy: canary, from: v1, to: v2, steps: [{ weight: 1%, for: 1m }, { weight: 50%, for: 1m }] }';

export interface Accepting {
  readonly kept: Kept;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Returns what is kept after these documents, each one a revision, at 0, 1, 2, … ms. */
export function keptAfter(documents: readonly (readonly [hash: string, Document])[]): Accepting {
  let kept = nothingKept;
  let entries: ReadonlyMap<string, Entry> = new Map();
  for (const [index, [hash, document]] of documents.entries()) {
    const result = accepted(kept, document, index);
    entries = result.entries;
    const change: Change = {
      kept: result.kept,
      kind: 'document',
      route: undefined,
      reason: 'the document has changed',
      changes: [],
      isWayBack: false,
    };
    kept = recorded(change, entries, { who: 'the document', at: index, hash, limit: 10 });
  }
  return { kept, entries };
}
