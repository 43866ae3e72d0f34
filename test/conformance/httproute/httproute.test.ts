import { readdirSync, readFileSync } from 'node:fs';
import { type Test, test } from 'tap';
import { parse } from 'yaml';
import { ask, statusOf } from '../../support/ask.ts';
import { eventually } from '../../support/eventually.ts';
import { type StartedProxy, startProxy } from '../../support/start-proxy.ts';
import { type Backend, type SeenRequest, startBackend } from './backend.ts';

/**
 * What Gateway API asks of an implementation, as data: the behaviours that its conformance tests
 * are about, in our own words. Each file has cases, and the HTTPRoutes that they are sent to.
 */
interface Case {
  readonly method?: string;
  readonly host?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How often it is sent. */
  readonly times?: number;
  /** The backend that answers with 200. */
  readonly to?: string;
  readonly status?: number;
  readonly failure?: string;
  readonly location?: string;
  /** What the backend sees; '' in place of a value: no such header. */
  readonly sent?: Readonly<Record<string, string>>;
  readonly received?: Readonly<Record<string, string>>;
  readonly seen?: string;
  readonly seenHost?: string;
  readonly retries?: number;
  /** The answer ends before its body does. */
  readonly isCut?: boolean;
  /** Parts of many requests by backend, or by status. */
  readonly shares?: Readonly<Record<string, number>>;
  /** How many copies come to a backend: so many, or from so many to so many. */
  readonly copies?: Readonly<Record<string, number | readonly [number, number]>>;
}

interface Cases {
  readonly cases: readonly Case[];
  /** Backends that nobody knows. */
  readonly unknown?: readonly string[];
}

const names = ['infra-1', 'infra-2', 'infra-3'];
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'));

for (const file of files) {
  test(file, async (t) => {
    const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
    const split = text.indexOf('\n---\n');
    // The files are ours.
    const { cases } = parse(text.slice(0, split)) as Cases;
    const backends = new Map<string, Backend>();
    for (const name of names) backends.set(name, await startBackend(name));
    const services = names.map((name) => `  infra/${name}: ${backends.get(name)?.url}`);
    const rules = `apiVersion: turnout/v1\nservices:\n${services.join('\n')}${text.slice(split)}`;
    const proxy = await startProxy(rules, { random: lots() });
    t.teardown(() => {
      proxy.close();
      for (const backend of backends.values()) backend.close();
    });
    for (const one of cases) {
      await t.test(`${one.method ?? 'GET'} ${one.host ?? ''}${one.path}`, async (t) => {
        if (one.shares === undefined) await meets(t, one, proxy, backends);
        else await splits(t, one, one.shares, proxy);
      });
    }
    t.strictSame(proxy.bugs, []);
  });
}

async function meets(
  t: Test,
  one: Case,
  proxy: StartedProxy,
  backends: ReadonlyMap<string, Backend>,
): Promise<void> {
  const before = new Map(names.map((name) => [name, backends.get(name)?.count() ?? 0]));
  let whole = '';
  for (let time = 0; time < (one.times ?? 1); time += 1) whole = await ask(proxy.port, textOf(one));
  const status = one.status ?? 200;
  t.equal(statusOf(whole), status, whole);
  if (one.to !== undefined) checkBackend(t, one, whole);
  checkAnswer(t, one, whole);
  await eventually(() => proxy.inFlight() === 0, 'all exchanges are over');
  const last = proxy.seen.at(-1);
  t.equal(last?.failure, one.failure ?? (status === 404 ? 'no_route' : undefined));
  if (one.retries !== undefined) t.equal(last?.retries, one.retries);
  for (const [name, wanted] of Object.entries(one.copies ?? {})) {
    const [least, most] = typeof wanted === 'number' ? [wanted, wanted] : wanted;
    const copies = () => (backends.get(name)?.count() ?? 0) - (before.get(name) ?? 0);
    await eventually(() => copies() >= least, `${name} has ${least} copies`);
    t.ok(copies() <= most, `${name} has ${copies()} copies`);
  }
}

function checkAnswer(t: Test, one: Case, whole: string): void {
  if (one.location !== undefined) t.equal(fieldOf(whole, 'location'), one.location);
  for (const [name, value] of Object.entries(one.received ?? {})) {
    t.equal(fieldOf(whole, name) ?? '', value, name);
  }
  if (one.isCut === true) t.notOk(isWhole(whole), 'the answer was cut');
}

function checkBackend(t: Test, one: Case, whole: string): void {
  // The backends are ours: this is what they answer.
  const answer = JSON.parse(bodyOf(whole)) as { name: string; seen: SeenRequest };
  t.equal(answer.name, one.to);
  if (one.seen !== undefined) t.equal(answer.seen.url, one.seen);
  if (one.seenHost !== undefined) t.equal(answer.seen.headers.host, one.seenHost);
  for (const [name, value] of Object.entries(one.sent ?? {})) {
    t.equal(answer.seen.headers[name] ?? '', value, name);
  }
}

/** Binomial counts are this near to their mean but once in many thousand times; the lots are fixed. */
async function splits(
  t: Test,
  one: Case,
  shares: Readonly<Record<string, number>>,
  proxy: StartedProxy,
): Promise<void> {
  const requests = 600;
  const counts = new Map<string, number>();
  for (let time = 0; time < requests; time += 1) {
    const whole = await ask(proxy.port, textOf(one));
    const status = statusOf(whole);
    const name = status === 200 ? JSON.parse(bodyOf(whole)).name : String(status);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, share] of Object.entries(shares)) {
    const spread = 4 * Math.sqrt(requests * share * (1 - share));
    const count = counts.get(name) ?? 0;
    t.ok(Math.abs(count - requests * share) <= spread, `${name}: ${count} of ${requests}`);
    if (share === 0) t.equal(count, 0, `${name} gets nothing`);
    counts.delete(name);
  }
  t.strictSame([...counts], [], 'nobody else gets anything');
}

function textOf({ method = 'GET', host = 'example.com', path, headers = {}, body }: Case): string {
  const lines = Object.entries({
    Host: host,
    ...headers,
    ...(body !== undefined && { 'Content-Length': String(body.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

function fieldOf(whole: string, name: string): string | undefined {
  const [head = ''] = whole.split('\r\n\r\n');
  const line = head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function bodyOf(whole: string): string {
  return whole.slice(whole.indexOf('\r\n\r\n') + 4);
}

function isWhole(whole: string): boolean {
  return bodyOf(whole).length === Number(fieldOf(whole, 'content-length'));
}

/** Chance that is the same in every run: a linear congruential generator (Numerical Recipes). */
function lots(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}
