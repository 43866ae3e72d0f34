import type { Report } from '../finding.ts';
import type { KubeObject } from '../kube-object.ts';
import type { PortOf } from '../services.ts';

/** What translating one location needs to know of the rest. */
export interface Context {
  /** Where an object stands: `shop.yaml:12`. */
  readonly place: (object: KubeObject) => string;
  readonly report: Report;
  readonly portOf: PortOf;
}
