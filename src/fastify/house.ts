import type { FastifyBaseLogger } from 'fastify';
import { cidrSet } from '#core/address/cidr-set';
import type { AssignPorts } from '#core/routing/assign';
import { Agents } from './agents.ts';
import { assignPorts } from './assign-ports.ts';
import { Dispatch } from './dispatch.ts';
import { Endpoints } from './endpoints.ts';
import { leftUndone } from './left-undone.ts';
import { Metrics } from './metrics.ts';
import type { TurnoutOptions } from './options.ts';
import { rulesSource } from './rules-file.ts';
import { type Outcome, RulesInForce } from './rules-in-force.ts';
import { troubleWithServices } from './services.ts';
import { troubleWithTls } from './tls-files.ts';
import { watchRules } from './watch-rules.ts';

/** What all requests of a registration share. */
export interface House {
  readonly rules: RulesInForce;
  readonly metrics: Metrics;
  readonly endpoints: Endpoints;
  readonly dispatch: Dispatch;
  readonly ports: AssignPorts;
  /** Whether an address is that of a trusted proxy. */
  readonly trusts: (address: string) => boolean;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Looks at the source now. */
  readonly reload: () => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Puts a registration together. Rejects where the first document cannot be used. */
export async function buildHouse(options: TurnoutOptions, log: FastifyBaseLogger): Promise<House> {
  const { keys = [], trustedProxies = [], registry, watch = false } = options;
  const now = () => performance.now();
  const source = rulesSource(options.rules);
  const rules = new RulesInForce(source, {
    trouble: async ({ routes }) => troubleWithServices(routes) ?? (await troubleWithTls(routes)),
  });
  const metrics = new Metrics(registry, source.path === undefined ? 'text' : 'file');
  const ports = assignPorts(keys);
  const endpoints = new Endpoints({ random: ports.random, now });
  const agents = new Agents();
  const bug = (error: unknown) => log.error({ err: error }, 'turnout: a fault of its own');
  const dispatch = new Dispatch({ agents, endpoints, now, bug });
  const reload = async () => {
    const outcome = await rules.reload();
    metrics.looked(outcome);
    if (outcome.kind === 'applied') endpoints.retain(endpointKeys(rules));
    return outcome;
  };

  const first = await reload();
  if (first.kind === 'refused') throw new Error(`turnout: the rules cannot be used\n${first.text}`);
  tell(log, first);
  const unwatch =
    watch && source.path !== undefined
      ? watchRules(source.path, {
          look: async () => tell(log, await reload()),
          warn: (message) => log.warn(`turnout: ${message}`),
        })
      : undefined;
  const close = async () => {
    unwatch?.();
    await agents.close();
  };
  const trusts = cidrSet(trustedProxies);
  return { rules, metrics, endpoints, dispatch, ports, trusts, now, reload, close };
}

function tell(log: FastifyBaseLogger, outcome: Outcome): void {
  if (outcome.kind === 'refused') {
    log.error(`turnout: the rules were refused, the last good ones stay\n${outcome.text}`);
  } else if (outcome.kind === 'applied') {
    const { hash, document } = outcome.snapshot;
    log.info({ hash, routes: document.routes.length }, 'turnout: rules applied');
    for (const what of leftUndone(document.routes)) {
      log.warn(`turnout: ${what}: only the proxy does that`);
    }
    if (outcome.warnings !== '')
      log.warn(`turnout: the rules may not mean this\n${outcome.warnings}`);
  }
}

function endpointKeys({ snapshot }: RulesInForce): ReadonlySet<string> {
  const versions = snapshot.routes.flatMap((route) => route.versions);
  return new Set(versions.flatMap(({ endpoints }) => endpoints.map(({ key }) => key)));
}
