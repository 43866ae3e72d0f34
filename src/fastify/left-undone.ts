import { defaultEjection, defaultLimits, defaultRetries } from '#core/document/defaults';
import type { RouteRule } from '#core/routing/rules';
import { canonical } from '#core/snapshot/canonical';

/** What a route may say that only the proxy does, and whether it says so. */
const undone: Readonly<Record<string, (rule: RouteRule) => boolean>> = {
  'timeouts.attempt': ({ timeouts }) => timeouts.attemptMs > 0,
  retries: ({ retries }) => canonical(retries) !== canonical(defaultRetries),
  health: ({ health }) => health !== undefined,
  ejection: ({ ejection }) =>
    ejection !== undefined && canonical(ejection) !== canonical(defaultEjection),
  slowStart: ({ slowStartMs }) => slowStartMs > 0,
  limits: ({ limits }) => canonical(limits) !== canonical(defaultLimits),
  mirror: ({ mirror }) => mirror !== undefined,
  fault: ({ fault }) => fault !== undefined,
  rollout: ({ rollout }) => rollout !== undefined,
};

/** Returns what of a document does nothing here: a text for each route that says such a thing. */
export function leftUndone(routes: readonly RouteRule[]): readonly string[] {
  return routes.flatMap((rule) => {
    const keys = Object.keys(undone).filter((key) => undone[key]?.(rule));
    return keys.length === 0 ? [] : [`${keys.join(', ')} of route "${rule.name}"`];
  });
}
