import { join } from 'node:path';
import { renderers } from './chart-rendered.ts';
import { sameAs } from './chart-values.ts';
import type { Manifest } from './manifest.ts';
import { allComponents, components, overlays, render, renderWith, strategies } from './rendered.ts';

/** What somebody may build out of `deploy`. */
export interface Render {
  readonly name: string;
  readonly manifests: readonly Manifest[];
}

/** What a strategy applies after its own folder, in the order of its README. */
const later: Readonly<Record<string, readonly string[]>> = {
  'blue-green/multiple': ['blue-green/multiple/v2'],
  'blue-green/single': ['testpage/v2'],
  'canary/autoscaling': ['testpage/v2'],
  'canary/weight': ['testpage/v2'],
  shadow: ['testpage/v2'],
};

/** Returns a strategy with all that its README applies with `-k`. */
export function strategyWith(strategy: string): readonly Manifest[] {
  const more = (later[strategy] ?? []).flatMap(render).map((manifest) => ({
    ...manifest,
    metadata: { ...manifest.metadata, namespace: 'turnout-demo' },
  }));
  return [...render(strategy), ...more];
}

/**
 * Returns all overlays and strategies, the base with each component and with all of them, and the
 * chart with all kinds of values where something can render it.
 */
export function everyRender(folder: string): readonly Render[] {
  const alone = allComponents.map((part) => [part]);
  const together = [components, components.toReversed(), ['api', 'rollouts', 'keys']];
  return [
    ...overlays.map((name) => ({ name, manifests: render(name) })),
    ...strategies.map((name) => ({ name, manifests: strategyWith(name) })),
    ...[...alone, ...together].map((parts) => ({
      name: `base with ${parts.join(', ')}`,
      manifests: renderWith(join(folder, parts.join('-')), parts),
    })),
    ...renderers().flatMap(({ name, render }) =>
      sameAs.map(({ values, components }) => ({
        name: `chart by ${name} as base with ${components.join(', ') || 'nothing'}`,
        manifests: render(values),
      })),
    ),
  ];
}
