// Does a reload lose a request, or show anyone two documents at once?
import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from './support/connection.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const bytes = 100;

/** Document n sends everything to version n % 3, and every answer says its number. */
function documentOf(number: number, urls: readonly string[]): string {
  const versions = urls.map(
    (url, index) => `v${index}: { url: "${url}", weight: ${number % 3 === index ? 1 : 0} }`,
  );
  return `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: "${number}" } } }
    versions: { ${versions.join(', ')} }
`;
}

await trial('reload-under-load', 'does a reload lose a request?', async (run) => {
  const reloads = run.pick(1_000, 30);
  const perSecond = run.pick(2_000, 500);
  const baselineMs = run.pick(10_000, 1_000);
  const endpoints = await Promise.all(['v0', 'v1', 'v2'].map((name) => Endpoint.start(name)));
  const urls = endpoints.map(({ url }) => url);
  const turnout = await Turnout.start(run, { rules: documentOf(0, urls) });

  let written = 0;
  /** The latest document that any answer came from: an earlier one is in force no more. */
  let seen = 0;
  const sentAt = new Map<number, number>();
  const isWhole = unlessWhole(bytes);
  const wrong = (result: Result, index: number): string | undefined => {
    const since = sentAt.get(index) ?? 0;
    sentAt.delete(index);
    const trouble = isWhole(result);
    if (trouble !== undefined || result.kind === 'broken') return trouble;
    const text = result.fields.join('\n');
    const document = Number(/^x-document: (\d+)$/im.exec(text)?.[1]);
    seen = Math.max(seen, document);
    const isOfItsTime = document >= since && document <= written;
    const isOfOne = text.includes(`X-Endpoint: v${document % 3}`);
    return isOfItsTime && isOfOne ? undefined : `${text}, sent at ${since}, written ${written}`;
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
  await wait(baselineMs);
  load.lap();
  await wait(baselineMs);
  const before = load.lap();
  const residentBefore = turnout.resident();
  let late = 0;
  while (written < reloads) {
    turnout.writeRules(documentOf(++written, urls));
    if (!(await until(() => seen === written, 5_000))) late++;
  }
  const during = load.lap();
  const resident = turnout.resident();
  await wait(baselineMs);
  const after = await load.stop();
  for (const { reasons } of [before, during, after]) for (const reason of reasons) run.note(reason);

  run.did(`${reloads} reloads through the file, ${during.count} requests at ${perSecond} a second`);
  run.atMost('failed requests', before.failed + during.failed + after.failed, 0);
  run.atMost('documents not in force after 5 s', late, 0);
  const samples = await turnout.samples();
  const applied = samples.sum('turnout_document_reloads_total', 'result="applied"');
  run.atLeast('documents applied', applied, reloads + 1);
  run.slowdown('while reloading', [before, after], during, 1.5);
  run.atMost('memory more than before', resident - residentBefore, run.pick(40, 80), 'MiB');
  await Promise.all(endpoints.map((endpoint) => endpoint.kill()));
  await turnout.checkAtRest(run);
});
