import fc from 'fast-check';
import { type Test, test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import type { ConfigMap } from '../../src/core/kubernetes/objects.ts';
import type { Clock } from '../../src/kubernetes/clock.ts';
import { ApiServer } from '../support/api-server.ts';
import { followed, opened } from './opened.ts';

const { configMaps } = resources;

/** Time that goes a thousand times as fast: pauses of seconds take milliseconds. */
const hastyClock: Clock = {
  now: () => performance.now() * 1_000,
  random: () => 0.5,
  after: (ms, act) => {
    const timer = setTimeout(act, ms / 1_000);
    return () => clearTimeout(timer);
  },
};

type Step = (server: ApiServer) => void | Promise<void>;
type NamedStep = readonly [name: string, step: Step];

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const name = fc.constantFrom('a', 'b', 'c');

const put = fc
  .tuple(name, fc.string({ unit: 'grapheme', maxLength: 20 }))
  .map(([name, text]): NamedStep => {
    const object = { metadata: { name, namespace: 'shop' }, data: { text } };
    return [`put ${name} ${JSON.stringify(text)}`, (server) => void server.put(configMaps, object)];
  });
const remove = name.map((name): NamedStep => {
  const step = (server: ApiServer) => {
    if (server.get(configMaps, 'shop', name) !== undefined) server.remove(configMaps, 'shop', name);
  };
  return [`remove ${name}`, step];
});
const pause = fc.integer({ min: 1, max: 30 }).map((turns): NamedStep => {
  const step = async () => {
    for (let count = 0; count < turns; count++) await turn();
  };
  return [`${turns} turns`, step];
});
const pieces = fc
  .option(fc.integer({ min: 1, max: 50 }), { nil: undefined })
  .map((bytes): NamedStep => {
    const step = (server: ApiServer) => {
      server.pieceBytes = bytes;
    };
    return [`pieces of ${bytes}`, step];
  });
const event = JSON.stringify({
  type: 'MODIFIED',
  object: { metadata: { name: 'a', namespace: 'shop', resourceVersion: '9' }, data: { text: 'ü' } },
});
const reset = fc.integer({ min: 0, max: event.length - 1 }).map((bytes): NamedStep => {
  const unfinished = Buffer.from(event).toString('latin1').slice(0, bytes);
  return [`reset after ${bytes}`, (server) => server.reset(unfinished)];
});
const refuse = fc
  .tuple(fc.constantFrom(401, 403, 404, 410, 429, 500, 503, 504), fc.integer({ min: 1, max: 3 }))
  .map(
    ([status, times]): NamedStep => [
      `${status} x ${times}`,
      (server) => server.fail(() => true, { status }, times),
    ],
  );
const plain = fc.constantFrom<NamedStep>(
  ['end', (server) => server.endWatches()],
  ['compact', (server) => server.compact()],
  ['bookmark', (server) => server.bookmark()],
  ['error 500', (server) => server.error(500, 'broken')],
  ['error 410', (server) => server.error(410, 'too old resource version', 'Expired')],
  ['nonsense', (server) => server.send('nonsense\n')],
  ['unknown', (server) => server.send('{"type":"SURPRISE","object":{}}\n')],
  ['restore', (server) => server.restore(({ metadata }) => metadata.name !== 'b')],
  ['stale', (server) => void Object.assign(server, { staleBy: 2 })],
  ['gone as status', (server) => void Object.assign(server, { goneAs: 'status' })],
  ['silence', (server) => server.silence()],
  ['mend', (server) => server.mend()],
  ['stop', (server) => server.stop()],
  ['start', (server) => server.start()],
);
const steps = fc.array(
  fc.oneof({ weight: 3, arbitrary: put }, remove, pause, pause, pieces, reset, refuse, plain),
  {
    maxLength: 25,
  },
);

/** Does what is said, and returns what the client was told, and what there is in the end. */
async function play(t: Test, script: readonly NamedStep[]) {
  const server = new ApiServer();
  await server.start();
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const api = opened(t, { env, clock: hastyClock });
  const selection = { resource: configMaps, namespace: 'shop' };
  const { told, tells } = followed<ConfigMap>(api, selection, ({ data }) => data?.text);
  for (const [, step] of script) await step(server);
  server.mend();
  await server.start();
  const there = server.all(configMaps, 'shop');
  const texts = [...there.values()].map(({ metadata, data }) => {
    return [metadata.name, (data as ConfigMap['data'])?.text];
  });
  await tells(Object.fromEntries(texts));
  const asTold = told.map((objects) => JSON.stringify([...objects].sort()));
  await api.close();
  await server.stop();
  return asTold;
}

test('any changes, cut anywhere, with any failures between, end in what the server has', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const told = await play(t, script);
      const twice = told.find((state, at) => at > 0 && state === told[at - 1]);
      if (twice !== undefined) throw new Error(`told twice in a row: ${twice}`);
    }),
    {
      numRuns: 80,
      // Each step towards a smaller example may wait for what never comes.
      interruptAfterTimeLimit: 80_000,
      reporter: (run) => {
        if (!run.failed) return;
        const names = run.counterexample?.[0].map(([name]) => name);
        throw new Error(`seed ${run.seed}: ${names?.join('; ')}\n${run.errorInstance}`);
      },
    },
  );
});
