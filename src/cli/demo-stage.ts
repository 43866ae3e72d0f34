import { setTimeout as wait } from 'node:timers/promises';
import type { Verb } from '#core/rollout/command';
import { percentText } from '#core/rollout/percent-text';
import { spanText } from '#core/rollout/span-text';
import type { RouteStatus } from '#core/rollout/status';
import type { DemoPage, Pages } from './demo-pages.ts';
import type { DemoTraffic, Met } from './demo-traffic.ts';
import type { Terminal } from './terminal.ts';

/** What goes with a verb. */
export interface With {
  readonly version?: string;
  readonly force?: boolean;
  readonly reason?: string;
}

/** What a demo plays with. */
export interface StageParts {
  readonly terminal: Terminal;
  readonly pages: Pages;
  readonly traffic: DemoTraffic;
  /** The rules document, as people know it. */
  readonly file: string;
  readonly statuses: () => Promise<readonly RouteStatus[]>;
  readonly command: (verb: Verb, route: string, more?: With) => Promise<string>;
  /** Puts another document of the demo into the file. */
  readonly write: (document: string) => Promise<void>;
  /** Rejects when somebody ends the demo. */
  readonly stopped: Promise<never>;
}

/** What a story does on the stage, and what it promises. Everything is said as it happens. */
export class Stage {
  readonly #parts: StageParts;
  readonly #startedAt = performance.now();
  #told = '';
  #broken = 0;

  constructor(parts: StageParts) {
    this.#parts = parts;
  }

  /** Promises that were not held. */
  get broken(): number {
    return this.#broken;
  }

  say(text: string): void {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1_000);
    const time = `${pad(seconds / 60)}:${pad(seconds % 60)}`;
    this.#parts.terminal.out(`${time}  ${text}\n`);
  }

  /** Says what was promised, and whether it was held. */
  promise(what: string, isHeld: boolean): void {
    if (!isHeld) this.#broken += 1;
    this.say(`${isHeld ? '✔' : '✖'} ${what}`);
  }

  met(): Met {
    return this.#parts.traffic.met();
  }

  /** Starts pods, one after the other; they take traffic when they are ready. */
  async start(pods: readonly DemoPage[]): Promise<void> {
    for (const pod of pods) {
      await this.#parts.pages.start([pod], 'this demo');
      this.say(`pod ${pod.version} at ${pod.host}:${pod.port} starts`);
    }
  }

  async stop(pod: DemoPage): Promise<void> {
    this.say(`pod ${pod.version} at ${pod.host}:${pod.port} is told to end`);
    await this.#parts.pages.stopOne(pod);
  }

  async rules(document: string): Promise<void> {
    await this.#parts.write(document);
    this.say(`${this.#parts.file} is now config/demo/${document}`);
  }

  /** Does as somebody would in a second terminal. */
  async turnout(verb: Verb, route: string, more: With = {}): Promise<void> {
    this.say(`$ turnout ${[verb, route, ...wordsOf(verb, more)].join(' ')}`);
    this.say(await this.#parts.command(verb, route, more));
  }

  async wait(ms: number): Promise<void> {
    await Promise.race([wait(ms), this.#parts.stopped]);
  }

  async status(route: string): Promise<RouteStatus> {
    const statuses = await this.#parts.statuses();
    const status = statuses.find((one) => one.route === route);
    if (status === undefined) throw new Error(`there is no route ${route}`);
    return status;
  }

  /** Waits until a route stands as is wanted, telling each change; undefined: it never did. */
  async until(
    route: string,
    isThere: (status: RouteStatus) => boolean,
    withinMs: number,
  ): Promise<RouteStatus | undefined> {
    const until = performance.now() + withinMs;
    while (performance.now() < until) {
      const status = await this.status(route);
      this.#tell(status);
      if (isThere(status)) return status;
      await this.wait(500);
    }
    return undefined;
  }

  /** Says how a rollout stands, where that is something new. */
  #tell({ rollout, versions }: RouteStatus): void {
    if (rollout === undefined) return;
    const { phase, step, steps, stepText, verdict, reason, from, to, share } = rollout;
    const shares = `${from} ${percentText(1 - share)} | ${to} ${percentText(share)}`;
    const ready = versions.map(
      ({ version, readyEndpoints, endpoints }) => `${version} ${readyEndpoints}/${endpoints}`,
    );
    const where = `${phase}, step ${step} of ${steps}: ${stepText}`;
    const needed = verdict?.needed;
    const more =
      needed === undefined || phase !== 'progressing'
        ? ''
        : `; ${needed.verdict} in about ${needed.requests} requests${needed.ms === undefined ? '' : `, ${spanText(needed.ms)}`}`;
    const key = `${where} ${shares} ${ready.join()} ${verdict?.kind}`;
    if (key === this.#told) return;
    this.#told = key;
    const said = phase === 'progressing' ? `${verdict?.kind ?? 'not judged'}${more}` : reason;
    this.say(`${where}  [${shares}; ready ${ready.join(', ')}]  ${said}`);
  }
}

function pad(number: number): string {
  return String(Math.floor(number)).padStart(2, '0');
}

function wordsOf(verb: Verb, { version, force, reason }: With): readonly string[] {
  return [
    ...(version === undefined ? [] : [version]),
    ...(force === true ? [verb === 'promote' ? '--full' : '--force'] : []),
    ...(reason === undefined ? [] : [`--reason '${reason}'`]),
  ];
}
