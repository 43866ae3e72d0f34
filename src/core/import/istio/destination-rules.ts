import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import { fullName, type KubeObject } from '../kube-object.ts';
import { entriesAt, listAt, placeOf, textAt, treeAt } from '../value.ts';
import { tellFields } from './fields.ts';
import { fullHost } from './hosts.ts';

/** What a DestinationRule says of a Service and of its pods. */
export interface DestinationRule {
  readonly object: KubeObject;
  readonly subsets: ReadonlyMap<string, Subset>;
}

export interface Subset {
  readonly labels: readonly (readonly [string, string])[];
  readonly tree: Tree;
}

/** The DestinationRules of a text, by the full name of their host; of two the first counts. */
export type DestinationRules = ReadonlyMap<string, DestinationRule>;

export function destinationRulesIn(
  objects: readonly KubeObject[],
  report: Report,
): DestinationRules {
  const rules = new Map<string, DestinationRule>();
  for (const object of objects) {
    const { tree, namespace } = object;
    const host = textAt(tree, ['spec', 'host']) ?? '';
    const spec = treeAt(tree, ['spec']);
    if (spec !== undefined) tellFields(spec, 'DestinationRule', fullName(object), report);
    const full = fullHost(host, namespace);
    const first = rules.get(full);
    if (first !== undefined || host.startsWith('*')) {
      const why =
        first === undefined
          ? 'hosts with * are not looked up'
          : `${fullName(first.object)} has its host`;
      const message = `DestinationRule ${fullName(object)} is left out: ${why}`;
      report({ code: 'TN6005', message, span: placeOf(tree, ['spec', 'host']) });
      continue;
    }
    rules.set(full, { object, subsets: subsetsOf(tree) });
  }
  return rules;
}

function subsetsOf(tree: Tree): ReadonlyMap<string, Subset> {
  return new Map(
    listAt(tree, ['spec', 'subsets']).map((subset) => [
      textAt(subset, ['name']) ?? '',
      {
        labels: entriesAt(subset, ['labels']).map(
          ([key, { value }]) => [key, String(value)] as const,
        ),
        tree: subset,
      },
    ]),
  );
}

/** Returns what stands at a path of the traffic policy: that of the subset before that of the rule. */
export function policyAt(
  rule: DestinationRule | undefined,
  subset: Subset | undefined,
  path: readonly string[],
): Tree | undefined {
  const own = subset && treeAt(subset.tree, ['trafficPolicy', ...path]);
  return own ?? (rule && treeAt(rule.object.tree, ['spec', 'trafficPolicy', ...path]));
}
