import { test } from 'tap';
import { MirrorSamples } from '../../src/telemetry/mirror-samples.ts';

const sample = {
  route: 'shop',
  version: 'v2',
  at: 0,
  method: 'GET',
  path: '/',
  differences: [{ what: 'status', place: '', original: '200', copy: '500' }],
} as const;

test('the first twenty of each mirror are kept, with paths that fit a page', async (t) => {
  const samples = new MirrorSamples();
  for (let at = 0; at < 25; at++) samples.add({ ...sample, at });
  samples.add({ ...sample, route: 'api', path: `/${'x'.repeat(500)}` });
  t.same(
    samples.all().map(({ route, at }) => `${route} ${at}`),
    [...Array.from({ length: 20 }, (_, at) => `shop ${at}`), 'api 0'],
  );
  t.equal(samples.all().at(-1)?.path.length, 200);
});

test('each is told once, and none of another document is left', async (t) => {
  const samples = new MirrorSamples();
  samples.add(sample);
  t.same(samples.sinceTold(), [sample]);
  t.same(samples.sinceTold(), []);
  samples.clear();
  t.same(samples.all(), []);
});
