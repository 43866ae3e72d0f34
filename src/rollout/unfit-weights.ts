import type { Weights } from '#core/rollout/overlay';
import type { RouteRule, VersionRule } from '#core/routing/rules';

/**
 * Returns why a route cannot have these weights, a sentence; undefined: it can. Whoever has a weight
 * has to be named: a version that is forgotten must not lose all it has.
 */
export function unfitWeights({ name, versions }: RouteRule, weights: Weights): string | undefined {
  const names = versions.map((version) => version.name);
  const unknown = Object.keys(weights).find((version) => !names.includes(version));
  if (unknown !== undefined) {
    return `route "${name}" has no version "${unknown}": ${names.join(', ')}`;
  }
  if (Object.values(weights).every((weight) => weight === 0)) {
    return `all weights are 0: somebody has to serve "${name}"; give one of ${names.join(', ')} a weight`;
  }
  for (const version of versions) {
    const unfit = Object.hasOwn(weights, version.name)
      ? inVain(name, version, weights[version.name] ?? 0)
      : forgotten(name, version);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function inVain(route: string, { name, state }: VersionRule, weight: number): string | undefined {
  if (state === 'active' || weight === 0) return undefined;
  const nobody = 'takes nobody new, whatever its weight';
  return state === 'drain'
    ? `version "${name}" of "${route}" is in drain and ${nobody}`
    : `version "${name}" of "${route}" is disabled and ${nobody}; by hand it comes back with: turnout enable ${route} ${name}`;
}

function forgotten(route: string, { name, state, weight }: VersionRule): string | undefined {
  if (state !== 'active' || weight === 0) return undefined;
  return `version "${name}" of "${route}" has a weight now: say which it should have, 0 for none`;
}
