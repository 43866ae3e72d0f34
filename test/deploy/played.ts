import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import { ApiServer } from '../support/api-server.ts';
import { ask } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { Pods } from '../support/pods.ts';
import { type Steady, steadyClients } from '../support/steady-clients.ts';
import { startServing } from '../support/turnout-process.ts';
import { ofKind } from './manifest.ts';
import { deploy, render } from './rendered.ts';
import { rights } from './rights.ts';

export const namespace = 'turnout-demo';

interface Status {
  readonly versions: readonly {
    readonly version: string;
    readonly share: number;
    readonly inFlight: number;
    readonly readyEndpoints: number;
  }[];
  readonly rollout?: { readonly phase: string; readonly step: number; readonly share: number };
}

/** A strategy that is played with its own files, by a real process and a stub of an API server. */
export interface Played {
  /** Of each Service of the testpage, by its name. */
  readonly pods: (service: string) => Promise<Pods>;
  /** Applies the rules of `routes/NAME.yaml`. */
  readonly routes: (name: string) => void;
  /** What `turnout VERB ROUTE …` asks; resolves with the status of the answer. */
  readonly tell: (route: string, verb: string, more?: object) => Promise<number>;
  readonly status: (route: string) => Promise<Status>;
  /** Waits until a route has this share on a version, 0 to 1. */
  readonly share: (route: string, version: string, share: number) => Promise<void>;
  readonly phase: (route: string, phase: string) => Promise<void>;
  /** Asks once, with more lines of a head; resolves with the body: the version. */
  readonly get: (lines?: string, host?: string) => Promise<string>;
  readonly post: () => Promise<string>;
  /** Clients that go on asking, over connections that they keep. */
  readonly clients: () => Steady;
  /** Stops them, and fails where any of their requests was not answered 200. */
  readonly lostNothing: (clients: Steady) => Promise<void>;
  /** What the API server was asked, as verb and resource. */
  readonly asked: () => readonly string[];
}

/**
 * Starts Turnout with the rules before a release of a strategy, out of a ConfigMap. Its token may do
 * what the Roles of the strategy grant: whatever it asks for beside that is refused, and its
 * versions have no endpoints.
 */
export async function play(t: Test, strategy: string): Promise<Played> {
  const server = await ApiServer.start(t);
  const granted = ofKind(render(strategy), 'Role').flatMap(({ rules = [] }) => rules);
  server.tokens.set('token-1', granted);
  const textOf = (name: string) =>
    readFileSync(join(deploy, strategy, 'routes', `${name}.yaml`), 'utf8');
  const known = new Map<string, Promise<Pods>>();
  const pods = (service: string) => {
    const one = known.get(service) ?? Pods.of(t, server, service, namespace);
    known.set(service, one);
    return one;
  };
  // Each version of the rules before has a pod, as `kubectl apply -k` brings it.
  for (const [, service = ''] of textOf('1-before').matchAll(/service: \{ name: ([\w-]+)/g)) {
    await (await pods(service)).add('v1');
  }
  const put = (name: string) =>
    server.put(resources.configMaps, {
      metadata: { name: 'turnout-rules', namespace },
      data: { 'routes.yaml': textOf(name) },
    } as never);
  put('1-before');
  const rules = ['--rules', `configmap:${namespace}/turnout-rules`];
  const serving = await startServing(t, '', rules, {
    KUBECONFIG: server.kubeconfigFile(t, namespace),
  });
  const admin = `http://127.0.0.1:${serving.adminPort}/api/v1`;
  const status = async (route: string) =>
    (await (await fetch(`${admin}/status/${route}`)).json()) as Status;
  const bodyOf = (answer: string) => answer.split('\r\n\r\n')[1] ?? '';
  return {
    pods,
    status,
    routes: put,
    tell: async (route, verb, more = {}) => {
      const answer = await fetch(`${admin}/routes/${route}/actions/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(more),
      });
      await answer.text();
      return answer.status;
    },
    share: (route, version, share) =>
      eventually(async () => {
        const found = (await status(route)).versions.find((one) => one.version === version);
        return Math.abs((found?.share ?? 0) - share) < 0.001;
      }, `${version} of ${route} has ${share}`),
    phase: (route, phase) =>
      eventually(async () => (await status(route)).rollout?.phase === phase, `${route}: ${phase}`),
    get: async (lines = '', host = 'localhost') =>
      bodyOf(await ask(serving.port, `GET / HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`)),
    post: async () =>
      bodyOf(
        await ask(
          serving.port,
          'POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
        ),
      ),
    clients: () => steadyClients(t, serving.port, 4),
    lostNothing: async (clients) => {
      clients.stop();
      await clients.over;
      t.same(clients.failures, []);
      t.same([...clients.answered.keys()], [200], 'every request was served');
    },
    asked: () => server.asked.map(({ verb, resource }) => `${verb} ${resource}`),
  };
}

/** What may be asked for where rules name Services by the names of their ports. */
export const mayAsk = [...rights.rules, ...rights.services].flatMap(({ resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
);
