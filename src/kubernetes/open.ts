import type { KubernetesApi, Selection } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';
import { type Access, NoAccess } from './access.ts';
import { type Clock, processClock } from './clock.ts';
import { Connection } from './connection.ts';
import { inCluster } from './in-cluster.ts';
import { fromKubeconfig } from './kubeconfig.ts';
import { ObjectWatch } from './object-watch.ts';
import { objectStore } from './store.ts';
import { type Times, usualTimes } from './times.ts';
import type { WatchHappening } from './watch-happening.ts';

export interface KubernetesOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `turnout/0.1.0`. */
  readonly userAgent: string;
  /** Told of what becomes of watches. */
  readonly tell: (happening: WatchHappening) => void;
  /** Where the kubelet puts token, `ca.crt` and namespace. */
  readonly serviceAccountFolder?: string;
  readonly clock?: Clock;
  readonly times?: Partial<Times>;
}

/**
 * Returns a connection to the API server of this pod, or of `KUBECONFIG` where that is set.
 * Nothing is asked yet. Throws `NoAccess` where there is none that could be asked.
 */
export function openKubernetes(options: KubernetesOptions): KubernetesApi {
  const access = accessOf(options);
  const clock = options.clock ?? processClock;
  const times = { ...usualTimes, ...options.times };
  const connection = new Connection(access, clock, times, options.userAgent);
  const ports = { connection, clock, times, tell: options.tell };
  const watches = new Set<ObjectWatch<KubernetesObject>>();
  const { get, create, replace, patch } = objectStore(connection, clock, times);

  function watch<T extends KubernetesObject>(
    selection: Selection,
    changed: (objects: ReadonlyMap<string, T>) => void,
  ) {
    const opened = new ObjectWatch<T>(selection, ports, changed);
    // Only told of below: what it gives to its own handler is of no matter there.
    const kept = opened as unknown as ObjectWatch<KubernetesObject>;
    watches.add(kept);
    return {
      synced: opened.synced,
      status: () => opened.status(),
      refresh: () => opened.refresh(),
      close: () => {
        watches.delete(kept);
        opened.close();
      },
    };
  }

  return {
    get,
    create,
    replace,
    patch,
    watch,
    watches: () => [...watches].map((one) => one.status()),
    namespace: access.namespace,
    close: () => {
      for (const one of watches) one.close();
      watches.clear();
      return connection.close();
    },
  };
}

function accessOf({ env, serviceAccountFolder }: KubernetesOptions): Access {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = env;
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') return fromKubeconfig(KUBECONFIG);
  if (KUBERNETES_SERVICE_HOST !== undefined && KUBERNETES_SERVICE_PORT !== undefined) {
    return inCluster(KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, serviceAccountFolder);
  }
  throw new NoAccess(
    'there is no Kubernetes API here: neither KUBECONFIG nor KUBERNETES_SERVICE_HOST is set',
    'set KUBECONFIG outside of a cluster',
  );
}
