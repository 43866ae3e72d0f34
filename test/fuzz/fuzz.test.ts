import { test } from 'tap';
import { campaign } from './campaign.ts';
import { shrunk } from './shrink.ts';

// The long run is `npm run fuzz`, with other seeds.
test('20,000 requests are refused, or read alike by a strict grammar and by Node', async (t) => {
  const figures = await campaign({ seed: 1, count: 20_000, onSocketsOneIn: 20, readers: [] });
  t.same(figures.faults, []);
  t.ok(figures.forwarded > 5_000, `${figures.forwarded} were forwarded`);
  t.ok(figures.refused.size > 40, `${figures.refused.size} reasons were reached`);
  t.ok(figures.readByNode > 2_000, `Node read ${figures.readByNode} streams`);
  t.ok(figures.onSockets > 200, `${figures.onSockets} went through real sockets`);
  t.ok(figures.ends.size > 20, `${figures.ends.size} ends of responses were reached`);
});

test('the same seed makes the same streams', async (t) => {
  const plan = { seed: 7, count: 500, onSocketsOneIn: 0, readers: [] };
  const [once, again] = [await campaign(plan), await campaign(plan)];
  t.same(again.refused, once.refused);
  t.same(again.ends, once.ends);
  t.equal(again.forwarded, once.forwarded);
});

test('what is found is made as short as it can be', async (t) => {
  const least = await shrunk('GET / HTTP/1.1\r\nHost: a\r\n\r\n', async (text) =>
    /G.*H.*\n/s.test(text),
  );
  t.equal(least, 'GH\n');
});
