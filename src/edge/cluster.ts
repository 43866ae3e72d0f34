import type { KubernetesApi, WatchRestart, WatchStatus } from '#core/kubernetes/api';
import type { WatchView } from '../admin/ports.ts';
import { exitCodes, Trouble } from '../cli/trouble.ts';
import type { WatchHappening } from '../kubernetes/watch-happening.ts';
import type { Log } from '../telemetry/log.ts';
import { messageOf, stackOf } from './errors.ts';

/** The API server, for whom it concerns; who never asks for it pays nothing for it. */
export interface Cluster {
  /** Opens the connection at the first call. Throws `Trouble` where there is no way to one. */
  readonly api: () => Promise<KubernetesApi>;
  /** How all watches stand; none where nothing is open. */
  readonly watches: () => readonly WatchStatus[];
  /** How often watches were begun anew, by the kind of object; those that are closed included. */
  readonly restarts: () => ReadonlyMap<string, ReadonlyMap<WatchRestart, number>>;
  readonly close: () => Promise<void>;
}

/** Returns the way to the API server of this pod, or of `KUBECONFIG`. */
export function clusterOf(log: Log, version: string, env: NodeJS.ProcessEnv): Cluster {
  let opening: Promise<KubernetesApi> | undefined;
  let opened: KubernetesApi | undefined;
  const restarts = new Map<string, Map<WatchRestart, number>>();

  function happened(happening: WatchHappening): void {
    logWatch(log, happening);
    if (happening.kind !== 'restarted') return;
    const { resource, reason } = happening;
    const counts = restarts.get(resource) ?? new Map<WatchRestart, number>();
    restarts.set(resource, counts.set(reason, (counts.get(reason) ?? 0) + 1));
  }

  async function open(): Promise<KubernetesApi> {
    const { openKubernetes } = await import('../kubernetes/open.ts');
    const { NoAccess } = await import('../kubernetes/access.ts');
    try {
      opened = openKubernetes({
        env,
        userAgent: `turnout/${version}`,
        tell: happened,
      });
      return opened;
    } catch (error) {
      if (!(error instanceof NoAccess)) throw error;
      throw new Trouble(exitCodes.wrongUse, error.message, error.remedy);
    }
  }

  return {
    api: () => {
      opening ??= open();
      return opening;
    },
    watches: () => opened?.watches() ?? [],
    restarts: () => restarts,
    close: async () => opened?.close(),
  };
}

/** Returns the API server, or why there is none, as a sentence. */
export async function apiOrWhyNot({ api }: Cluster): Promise<KubernetesApi | string> {
  try {
    return await api();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return [error.message, error.remedy].filter((text) => text !== undefined).join('; ');
  }
}

/** Returns how watches stand, as people are told. */
export function watchViews({ watches }: Cluster, now: number): readonly WatchView[] {
  return watches().map(({ what, isSynced, trouble, lastHeardAt }) => ({
    what,
    isSynced,
    trouble,
    heardMs: lastHeardAt === undefined ? undefined : now - lastHeardAt,
  }));
}

function logWatch(log: Log, happening: WatchHappening): void {
  const { what } = happening;
  switch (happening.kind) {
    case 'lost':
      log.event('warn', 'watch_lost', happening.trouble, { what, reason: happening.reason });
      break;
    case 'found':
      log.event('info', 'watch_resumed', 'changes are heard of again', { what });
      break;
    case 'restarted':
      log.event('debug', 'watch_restarted', 'a watch is begun anew', {
        what,
        reason: happening.reason,
      });
      break;
    case 'failed': {
      const { error } = happening;
      log.event('error', 'bug_caught', messageOf(error), { what, stack: stackOf(error) });
      break;
    }
  }
}
