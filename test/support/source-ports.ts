import type { KubernetesApi } from '#core/kubernetes/api';
import type { HttpRoutesPorts } from '../../src/config/watch-http-routes.ts';

/** What a source in a cluster needs, by real clocks; `failed` throws where nobody can miss it. */
export function sourcePorts({ watch }: Pick<KubernetesApi, 'watch'>): HttpRoutesPorts {
  return {
    watch,
    now: Date.now,
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    failed: (error) => {
      throw error;
    },
  };
}
