import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readReplay } from '#core/judge/read-replay';
import { type Rejudged, rejudge } from '#core/judge/rejudge';
import type { Replay, ReplayHeader } from '#core/judge/replay';
import type { MetricVerdict, VerdictKind } from '#core/judge/verdict';
import { fileTrouble } from './file-trouble.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import type { Finish } from './program.ts';
import { exitCodes, Trouble } from './trouble.ts';

interface Flags {
  readonly alpha?: string;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout judge shop-3.jsonl                  the verdict, as it was
  turnout judge shop-3.jsonl --alpha 0.05     as it would have been with more risk
`;

/** `turnout judge`: a recorded release, judged again from its counts alone. */
export function addJudge(program: Command, ports: Ports, finish: Finish): void {
  program
    .command('judge')
    .description('judge a recorded release again')
    .argument('<file>', 'its replay file; "-" reads it from stdin')
    .option('--alpha <share>', 'the risk to call a good version bad, 0 to 1; as it was recorded')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action(async (file: string, flags: Flags) => {
      const replay = await readFileOf(file, ports);
      const { header } = replay;
      const alpha = flags.alpha === undefined ? header.rule.alpha : alphaOf(flags.alpha);
      const found = rejudge(replay, { ...header.rule, alpha });
      if (replay.isCut) ports.terminal.err('the last line is cut, and was left out\n');
      const print = flags.output === 'json' ? programText : personText;
      ports.terminal.out(print(header, found));
      finish(found.verdict === undefined ? exitCodes.undecided : codes[found.verdict.kind]);
    });
}

const codes: Readonly<Record<VerdictKind, number>> = {
  pass: exitCodes.done,
  fail: exitCodes.badState,
  undecided: exitCodes.undecided,
  no_data: exitCodes.undecided,
  invalid: exitCodes.undecided,
};

async function readFileOf(file: string, ports: Ports): Promise<Replay> {
  const read = readReplay(file === '-' ? await ports.terminal.readStdin() : await textOf(file));
  if (read.kind === 'replay') return read.replay;
  throw new Trouble(exitCodes.wrongUse, `${file}:${read.line}: ${read.message}`, read.remedy);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileTrouble('the replay file', file, error);
  }
}

function alphaOf(text: string): number {
  const alpha = Number(text);
  if (text.trim() !== '' && alpha > 0 && alpha < 1) return alpha;
  const message = `--alpha must be a share above 0 and below 1, for example 0.01, got "${text}"`;
  throw new Trouble(exitCodes.wrongUse, message);
}

function personText({ route, release, from, to }: ReplayHeader, found: Rejudged): string {
  const { verdict, at, step, tick, ticks } = found;
  const title = `${release}: ${route} from ${from} to ${to}`;
  if (verdict === undefined || at === undefined) return `${title}\nnothing was measured\n`;
  const place = `step ${step}, tick ${tick} of ${ticks}, ${new Date(at).toISOString()}`;
  const metrics = verdict.metrics.map(metricText).join('');
  return `${title}\n${verdict.reason}\n${metrics}at        ${place}\n`;
}

function metricText({ name, percentile, logE, passes }: MetricVerdict): string {
  const about = percentile === undefined ? '' : ` at p${percentile}`;
  const evidence = `evidence of harm e^${logE.toFixed(1)}${about}`;
  return `${name.padEnd(9)} ${evidence}; ${passes ? 'passes' : 'does not pass'}\n`;
}

function programText({ route, release, from, to }: ReplayHeader, found: Rejudged): string {
  return jsonText({ route, release, from, to, ...found });
}
