import type { KubernetesApi, WatchObjects } from '#core/kubernetes/api';
import type { RulesSetting } from '../cli/rules-setting.ts';
import { type ConfigMapPorts, watchConfigMap } from '../config/watch-config-map.ts';
import { type FileWatch, type Take, watchFile } from '../config/watch-file.ts';
import { watchHttpRoutes } from '../config/watch-http-routes.ts';
import type { Log } from '../telemetry/log.ts';
import { messageOf, stackOf } from './errors.ts';

export interface RulesSourcePorts {
  readonly log: Log;
  /** The API server, for a source in a cluster. */
  readonly api: () => Promise<KubernetesApi>;
}

/** Returns what follows the rules where a setting says they are. Call `look` for the first content. */
export function rulesSource(rules: RulesSetting, ports: RulesSourcePorts, take: Take): FileWatch {
  const { log } = ports;
  switch (rules.kind) {
    case 'file':
      return watchFile(
        rules.path,
        { warn: (message) => log.event('warn', 'source_warned', message) },
        take,
      );
    case 'configmap':
      return inCluster(ports, ({ watch }) => watchConfigMap(rules, portsOf(watch, log), take));
    case 'httproutes':
      return inCluster(ports, ({ watch }) => watchHttpRoutes(rules, portsOf(watch, log), take));
  }
}

function portsOf(watch: WatchObjects, log: Log): ConfigMapPorts {
  return {
    watch,
    now: Date.now,
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    warn: (message) => log.event('warn', 'source_warned', message),
    failed: (error) =>
      log.event('error', 'bug_caught', messageOf(error), { stack: stackOf(error) }),
  };
}

/** Opens the API server with the first look: who serves a file has nothing to do with it. */
function inCluster(
  { api }: RulesSourcePorts,
  follow: (opened: KubernetesApi) => FileWatch,
): FileWatch {
  let watch: FileWatch | undefined;
  return {
    look: async () => {
      watch ??= follow(await api());
      await watch.look();
    },
    close: () => watch?.close(),
  };
}
