// Is each document of a mounted ConfigMap seen, whole, and soon?
//
// The volume is written in the steps of the kubelet. A document is missed when none of the answers
// after its switch, and before the next one, comes from it; the next switch waits for it. In a
// burst, where nobody waits, the last document has to come into force.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ConfigMapVolume } from '../../test/support/configmap-volume.ts';
import type { Result } from './support/connection.ts';
import { Latencies } from './support/latencies.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const bytes = 100;
const inForceWithinMs = 5_000;
/** Between the first and the last line that tell the number: what is torn tells two. */
const filling = `${'# what a document of many routes would have here\n'.repeat(2_000)}`;

/** Document n tells its number at its beginning and at its end, and sends everything to version n % 3. */
function documentOf(number: number, urls: readonly string[]): string {
  const versions = urls.map((url, index) => {
    const weight = number % 3 === index ? 1 : 0;
    const headers = `{ response: { set: { x-end: "${number}" } } }`;
    return `      v${index}: { url: "${url}", weight: ${weight}, headers: ${headers} }\n`;
  });
  return `apiVersion: turnout/v1
defaults: { headers: { response: { set: { x-beginning: "${number}" } } } }
${filling}routes:
  - name: shop
    versions:
${versions.join('')}`;
}

const torn = 'of two documents';
const isWhole = unlessWhole(bytes);

/** Returns the number of the document that an answer comes from, or what is wrong with it. */
function documentIn(result: Result): number | string {
  const trouble = isWhole(result);
  if (trouble !== undefined || result.kind === 'broken') return trouble ?? 'broken';
  const text = result.fields.join('\n');
  const [, beginning] = /^x-beginning: (\d+)$/im.exec(text) ?? [];
  const [, end] = /^x-end: (\d+)$/im.exec(text) ?? [];
  const [, endpoint] = /^x-endpoint: v(\d)$/im.exec(text) ?? [];
  const agree = end !== undefined && beginning === end && Number(end) % 3 === Number(endpoint);
  return agree ? Number(end) : `${torn}: ${text}`;
}

await trial(
  'a-volume-swapped-a-thousand-times',
  'is each document of a mounted ConfigMap seen, whole, and soon?',
  async (run) => {
    const swaps = run.pick(1_000, 30);
    const bursts = run.pick(20, 2);
    const perBurst = 25;
    const perSecond = run.pick(2_000, 500);
    const endpoints = await Promise.all(['v0', 'v1', 'v2'].map((name) => Endpoint.start(name)));
    const urls = endpoints.map(({ url }) => url);
    const folder = mkdtempSync(join(tmpdir(), 'turnout-volume-'));
    run.after(() => rmSync(folder, { recursive: true }));
    const volume = new ConfigMapVolume(join(folder, 'etc'));
    const put = (number: number) => volume.write({ 'routes.yaml': documentOf(number, urls) });
    put(0);
    const turnout = await Turnout.start(run, {
      rules: documentOf(0, urls),
      rulesFile: join(volume.directory, 'routes.yaml'),
    });

    let written = 0;
    let tornAnswers = 0;
    /** The latest document that any answer came from: an earlier one is in force no more. */
    let seen = 0;
    const cameFrom = new Set<number>();
    const sentAt = new Map<number, number>();
    let switchedAt = 0;
    const delays = new Latencies();
    const see = (document: number) => {
      cameFrom.add(document);
      if (document > seen && document === written) delays.add(performance.now() - switchedAt);
      seen = Math.max(seen, document);
    };
    const wrong = (result: Result, index: number): string | undefined => {
      const since = sentAt.get(index) ?? 0;
      sentAt.delete(index);
      const document = documentIn(result);
      if (typeof document === 'string') {
        if (document.startsWith(torn)) tornAnswers++;
        return document;
      }
      see(document);
      const isOfItsTime = document >= since && document <= written;
      return isOfItsTime ? undefined : `${document}, sent at ${since}, written ${written}`;
    };
    const load = new OpenLoop({
      port: turnout.port,
      perSecond,
      connections: 64,
      requestAt: (index) => {
        sentAt.set(index, seen);
        return `GET /?bytes=${bytes} HTTP/1.1\r\nHost: trial\r\n\r\n`;
      },
      wrong,
    });
    await wait(1_000);

    const swap = () => {
      switchedAt = performance.now();
      put(++written);
    };
    while (written < swaps) {
      swap();
      await until(() => seen === written, inForceWithinMs);
    }
    let missed = 0;
    for (let number = 1; number <= swaps; number++) if (!cameFrom.has(number)) missed++;
    const { p50Ms, p99Ms, mostMs } = delays.take();
    const applied = (await turnout.samples()).sum(
      'turnout_document_reloads_total',
      'result="applied"',
    );

    let lost = 0;
    for (let burst = 0; burst < bursts; burst++) {
      for (let count = 0; count < perBurst; count++) swap();
      if (!(await until(() => seen === written, inForceWithinMs))) lost++;
    }
    const figures = await load.stop();
    for (const reason of figures.reasons) run.note(reason);

    run.did(
      `${swaps} swaps of the volume, each when the one before was in force, then ${bursts} bursts ` +
        `of ${perBurst}; ${figures.count} requests at ${perSecond} a second`,
    );
    run.atMost('documents missed', missed, 0);
    run.atMost('failed requests', figures.failed, 0);
    run.atMost('answers of two documents', tornAnswers, 0);
    run.atLeast('documents applied, each once', applied, swaps + 1);
    run.atMost('documents applied', applied, swaps + 1);
    run.atMost('bursts whose last document was not in force', lost, 0);
    run.timeAtMost('from the switch to the first answer, 99 %', p99Ms, 250);
    // What a watch promises though events go on: `latestMs` of src/config/watch-file.ts.
    run.timeAtMost('from the switch to the first answer, at most', mostMs, 2_000);
    run.note(`half of them within ${p50Ms.toFixed(0)} ms, of which 75 ms wait for quiet`);
    await Promise.all(endpoints.map((endpoint) => endpoint.kill()));
    await turnout.checkAtRest(run);
  },
);
