import type { MetricVerdict, Verdict } from '#core/judge/verdict';
import { spanText } from '#core/rollout/span-text';
import { percentText } from '#core/snapshot/percent-text';

const shown = {
  pass: 'PASS',
  fail: 'FAIL',
  undecided: 'UNDECIDED',
  no_data: 'NODATA',
  invalid: 'INVALID',
};

/** Returns what the judge says, a line for each thing, with what it has seen. */
export function verdictLines(verdict: Verdict, to: string): readonly (readonly [string, string])[] {
  return [
    ['verdict', saidText(verdict)],
    ['evidence', evidenceText(verdict.logE, verdict.alpha)],
    ...verdict.metrics.map((metric) => [metric.name, metricText(metric, verdict.alpha)] as const),
    ...neededLines(verdict, to),
  ];
}

/** The judge's own reasons begin with the word. */
function saidText({ kind, reason }: Verdict): string {
  return reason.startsWith(shown[kind]) ? reason : `${shown[kind]}: ${reason}`;
}

/** In one line, for who watches. */
export function verdictText({ kind, logE, alpha }: Verdict): string {
  return `${shown[kind]}, evidence ${evidenceText(logE, alpha)}`;
}

/** Evidence is shown as how many times likelier it is if the new version is worse: `12.3 of 100`. */
export function evidenceText(logE: number | undefined, alpha: number): string {
  // Without any, JSON leaves it out.
  const evidence = Math.exp(logE ?? Number.NEGATIVE_INFINITY);
  const line = Number((1 / alpha).toPrecision(3)).toLocaleString('en');
  if (evidence >= 1_000_000) return `more than 1,000,000 of ${line}`;
  const rounded = evidence < 100 ? Number(evidence.toFixed(1)) : Math.floor(evidence);
  return `${rounded.toLocaleString('en')} of ${line}`;
}

function metricText(metric: MetricVerdict, alpha: number): string {
  const { name, rates, logE, ratioAtLeast, passes } = metric;
  const [stable, candidate] = rates;
  const what = name === 'errors' ? 'failed' : 'slow';
  return [
    `${percentText(candidate)} ${what} against ${percentText(stable)}`,
    `evidence ${evidenceText(logE, alpha)}`,
    ...(ratioAtLeast === undefined ? [] : [`at least ${ratioAtLeast} times as many`]),
    ...(passes ? ['passes'] : []),
  ].join(', ');
}

function neededLines({ needed }: Verdict, to: string): readonly (readonly [string, string])[] {
  if (needed === undefined) return [];
  const requests = `about ${Math.ceil(needed.requests).toLocaleString('en')} more requests to ${to}`;
  const time = needed.ms === undefined ? '' : `, ${spanText(needed.ms)}`;
  return [['needed', `${requests}${time}, until ${needed.verdict === 'pass' ? 'PASS' : 'FAIL'}`]];
}
