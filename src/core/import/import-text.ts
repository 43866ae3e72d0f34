import type { Problem } from '#core/document/problem';
import { type ImportFinding, type Report, warningsOf } from './finding.ts';
import type { Imported } from './imported-route.ts';
import { importIngresses } from './ingress-nginx/import-ingresses.ts';
import { importVirtualServices } from './istio/import-virtual-services.ts';
import type { KubeObject } from './kube-object.ts';
import { readObjects } from './read-objects.ts';
import { type Settled, settle } from './settle.ts';

/** Translates objects. `place` says where one stands, as comments tell it: `shop.yaml:12`. */
type Importer = (
  objects: readonly KubeObject[],
  place: (object: KubeObject) => string,
  report: Report,
) => Imported;

/** What can be translated. */
export const importers = {
  'ingress-nginx': importIngresses,
  istio: importVirtualServices,
} as const satisfies Record<string, Importer>;

export type ImportKind = keyof typeof importers;

/** What came of a text: a document, and all that is not in it. */
export type ImportResult =
  | {
      readonly kind: 'imported';
      /** Undefined: there was nothing that makes a route. */
      readonly document: Settled | undefined;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/**
 * Translates Kubernetes objects into a rules document. The same text gives the same document, and
 * `read` has nothing against it; what could not be said is told, thing by thing.
 */
export function importText(kind: ImportKind, text: string, file: string): ImportResult {
  const reading = readObjects(text);
  if (reading.kind === 'problems') return reading;
  const { objects, lines } = reading;
  const findings: ImportFinding[] = [];
  const report: Report = (finding) => findings.push(finding);
  const place = ({ tree }: KubeObject) => `${file}:${lines.placeOf(tree.span.start).line}`;
  const imported = importers[kind](objects, place, report);
  const document = settle(imported, report);
  return { kind: 'imported', document, warnings: warningsOf(findings, lines) };
}
