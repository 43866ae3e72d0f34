import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Strategy } from '#core/rollout/rule';
import { addressText } from './address.ts';
import { Pages } from './demo-pages.ts';
import { Stage } from './demo-stage.ts';
import { type Story, stories } from './demo-stories.ts';
import { DemoTraffic } from './demo-traffic.ts';
import type { Ports, Running } from './ports.ts';
import { serveOrTrouble, settingsOrTrouble } from './serve.ts';
import { exitCodes, Trouble } from './trouble.ts';

export interface DemoStrategyFlags {
  readonly listen: string;
  readonly admin: string;
  /** The new version is a bad one. */
  readonly fail?: true;
}

/** Tells the release of a strategy from beginning to end. 1 where a promise was not held. */
export async function demoStrategy(
  strategy: Strategy,
  flags: DemoStrategyFlags,
  ports: Ports,
): Promise<number> {
  const stopped = ports.stopped();
  const story = stories[strategy];
  const directory = await mkdtemp(join(tmpdir(), 'turnout-demo-'));
  const file = join(directory, 'routes.yaml');
  const pages = new Pages(ports);
  const put = async (document: string) => {
    // As an editor or a volume does it: whole, in one step.
    await copyFile(join(ports.demoDirectory, document), `${file}.new`);
    await rename(`${file}.new`, file);
  };
  try {
    await put(story.document);
    const { listen, admin } = flags;
    const stateDir = join(directory, 'state');
    const given = { rules: file, listen, admin, stateDir, logLevel: 'silent' };
    const settings = settingsOrTrouble(given, { ...ports, env: {} });
    await pages.start(story.pods, file);
    const running = await serveOrTrouble(settings, ports, {});
    ports.terminal.out(greeting(strategy, story, running, ports));
    const broken = await tell({ story, running, pages, file, put, stopped }, flags, ports);
    await running.drain({ delayMs: 0, timeoutMs: 2_000 });
    return broken === 0 ? exitCodes.done : exitCodes.badState;
  } finally {
    await pages.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Set {
  readonly story: Story;
  readonly running: Running;
  readonly pages: Pages;
  readonly file: string;
  readonly put: (document: string) => Promise<void>;
  readonly stopped: Promise<void>;
}

class Ended extends Error {}

/** Returns how many promises were not held. */
async function tell(
  { story, running, pages, file, put, stopped }: Set,
  flags: DemoStrategyFlags,
  { terminal }: Ports,
): Promise<number> {
  const { rollouts } = running;
  const [traffic] = running.traffic;
  const url = traffic === undefined ? '' : `http://${addressText(traffic)}`;
  const load = new DemoTraffic(url, story.traffic);
  const ending = Promise.race([
    stopped.then(() => Promise.reject(new Ended())),
    running.broken.then((reason) => Promise.reject(new Trouble(exitCodes.badState, reason))),
  ]);
  ending.catch(() => {});
  const stage = new Stage({
    terminal,
    pages,
    traffic: load,
    file,
    statuses: () => rollouts.statuses(),
    command: async (verb, route, more = {}) => {
      const { version, force = false, reason } = more;
      const command = { verb, route, version, isForced: force, reason, toRevision: undefined };
      return (await rollouts.command({ ...command, who: 'the demo' })).message;
    },
    write: put,
    stopped: ending,
  });
  try {
    await story.tell(stage, flags.fail === true);
    terminal.out(
      `${stage.broken === 0 ? 'all promises were held' : 'not all promises were held'}\n`,
    );
    return stage.broken;
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    terminal.err('\nstopping\n');
    return 0;
  } finally {
    await load.stop();
  }
}

function greeting(
  strategy: Strategy,
  { shows }: Story,
  { traffic, admin }: Running,
  { terminal }: Ports,
): string {
  const [at] = traffic;
  const url = at === undefined ? '' : `http://${addressText(at)}`;
  const address = admin === undefined ? '' : `http://${addressText(admin)}`;
  const lines = [
    `${terminal.strong(strategy)}: ${shows}`,
    `turnout   ${url}, its users are made up`,
    `admin     ${address}`,
    '',
    terminal.strong('Look on, in a second terminal:'),
    `  turnout status -w --address ${address}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}
