// Do clients that never finish what they send harm those that do?
//
// First thousands of heads that come byte by byte and never end, each replaced as soon as the
// proxy has closed it; then bodies that come as slowly. Meanwhile other clients ask as ever, for
// another version: each of the slow bodies holds one of the requests that its own may have.
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { GoodClients } from './support/good-clients.ts';
import { Latencies } from './support/latencies.ts';
import { needFiles } from './support/need-files.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const bytes = 1_000;
/** How often a byte is sent on each connection; not on all of them at once. */
const dripMs = 1_000;
const dripParts = 50;
const halfHead = 'GET /?bytes=1 HTTP/1.1\r\nHost: trial\r\nX-Never-Ends: ';
const slowPost = 'POST /upload?bytes=1 HTTP/1.1\r\nHost: trial\r\nContent-Length: 1000000\r\n\r\n';

/** Connections that send a beginning and then a byte now and then. */
class Slow {
  readonly #port: number;
  readonly #beginning: string;
  readonly #open = new Set<net.Socket>();
  readonly lifetimes = new Latencies();
  readonly #timer: NodeJS.Timeout;
  isDripping = true;
  #part = 0;
  /** Whether one that was closed is replaced. */
  isReplacing = true;
  wereRefused = 0;

  constructor(port: number, beginning: string) {
    this.#port = port;
    this.#beginning = beginning;
    this.#timer = setInterval(() => this.#drip(), dripMs / dripParts);
  }

  get count(): number {
    return this.#open.size;
  }

  /** Opens so many, a few at a time. */
  async open(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened++) {
      this.#connect();
      if (opened % 50 === 0) await wait(10);
    }
  }

  #connect(): void {
    // Another address each: a system gives one client no more ports than it has.
    const localAddress = `127.0.0.${2 + Math.floor(Math.random() * 200)}`;
    const socket = net.connect({ port: this.#port, host: '127.0.0.1', localAddress });
    const openedAt = performance.now();
    this.#open.add(socket);
    socket.on('connect', () => socket.write(this.#beginning, 'latin1'));
    socket.on('data', () => {});
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') this.wereRefused++;
    });
    socket.on('close', () => {
      this.#open.delete(socket);
      this.lifetimes.add(performance.now() - openedAt);
      if (this.isReplacing) this.#connect();
    });
  }

  #drip(): void {
    if (!this.isDripping) return;
    this.#part = (this.#part + 1) % dripParts;
    let number = 0;
    for (const socket of this.#open) {
      if (number++ % dripParts === this.#part && !socket.connecting) socket.write('x');
    }
  }

  end(): void {
    clearInterval(this.#timer);
    this.isReplacing = false;
    for (const socket of this.#open) socket.destroy();
  }
}

await trial('half-open', 'do clients that never finish harm those that do?', async (run) => {
  const heads = run.pick(5_000, 500);
  const posts = run.pick(2_000, 200);
  const headMs = run.pick(10_000, 2_000);
  const bodyMs = run.pick(5_000, 2_000);
  const spanMs = run.pick(8_000, 2_000);
  needFiles(heads + posts + 1_000);
  const endpoint = await Endpoint.start('v1');
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: upload
    match: { path: /upload }
    limits: { connections: ${posts}, inFlight: ${posts} }
    versions: { v1: { url: "${endpoint.url}" } }
  - { name: shop, versions: { v1: { url: "${endpoint.url}" } } }
`,
    flags: ['--head-timeout', `${headMs}ms`, '--body-timeout', `${bodyMs}ms`],
  });
  const good = new GoodClients(run, {
    port: turnout.port,
    perSecond: run.pick(500, 200),
    connections: 32,
    target: `/?bytes=${bytes}`,
    bytes,
  });
  await wait(spanMs);
  await good.lap();
  await wait(spanMs);
  const before = await good.lap();
  const residentBefore = turnout.resident();

  const slowHeads = new Slow(turnout.port, halfHead);
  run.after(() => slowHeads.end());
  await slowHeads.open(heads);
  await good.lap();
  await wait(headMs + spanMs);
  const duringHeads = await good.lap();
  const withHeads = turnout.resident();
  slowHeads.isReplacing = false;
  const areHeadsGone = await until(() => slowHeads.count === 0, headMs + 10_000);
  const lived = slowHeads.lifetimes.take();

  const slowPosts = new Slow(turnout.port, slowPost);
  run.after(() => slowPosts.end());
  slowPosts.isReplacing = false;
  await slowPosts.open(posts);
  await good.lap();
  await wait(spanMs);
  const duringPosts = await good.lap();
  const held = slowPosts.count;
  const withPosts = turnout.resident();
  slowPosts.isDripping = false;
  const stoppedAt = performance.now();
  await until(() => slowPosts.count === 0, bodyMs + 10_000);
  const endedMs = performance.now() - stoppedAt;
  const ending = await good.lap();
  await wait(spanMs);
  const after = await good.stop();

  const figures = [before, duringHeads, duringPosts, ending, after];
  for (const { reasons } of figures) for (const reason of reasons) run.note(reason);
  const failed = figures.reduce((sum, each) => sum + each.failed, 0);
  const asked = figures.reduce((sum, each) => sum + each.count, 0);
  run.did(
    `${heads} half-open heads (${lived.count} in all, each replaced), then ${posts} bodies of a ` +
      `byte a second; ${asked} good requests`,
  );
  run.atMost('failed good requests', failed, 0);
  run.slowdown('beside half-open heads', [before, after], duringHeads, 2);
  run.slowdown('beside slow bodies', [before, after], duringPosts, 2);
  run.atMost('memory more with heads', withHeads - residentBefore, 150, 'MiB');
  run.atMost('memory more with bodies', withPosts - residentBefore, 150, 'MiB');
  run.atLeast('heads that were closed in time', areHeadsGone ? heads : 0, heads);
  run.atMost('a head lived, at most', lived.mostMs / 1_000, headMs / 1_000 + 2, 's');
  // Progress is what counts: a body that comes, however slowly, is not late.
  run.atLeast('slow bodies that were held', held, posts);
  run.atMost('bodies that stopped ended after', endedMs / 1_000, bodyMs / 1_000 + 2, 's');
  run.note(
    `memory ${residentBefore.toFixed(0)}, ${withHeads.toFixed(0)}, ${withPosts.toFixed(0)} MiB`,
  );
  await turnout.checkAtRest(run);
  await endpoint.kill();
});
