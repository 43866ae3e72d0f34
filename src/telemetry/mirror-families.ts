import { faultKinds, mirrorAnswers, mirrorFindings, mirrorResults } from '#core/exchange/labels';
import type { Family } from './family.ts';
import type { Metrics } from './metrics.ts';
import { type Foreseen, Series } from './series.ts';
import type { ShownRows } from './shown-rows.ts';

/** Returns the metrics of copies of requests, and of trouble made on purpose. */
export function mirrorFamilies(metrics: Metrics, shown: ShownRows): readonly Family[] {
  const { columns } = metrics;
  const series = new Series(shown, metrics.boundsMs);
  const mirrored: Foreseen = ({ rows }) => rows.some((row) => metrics.mirrored.has(row));
  const faulty: Foreseen = ({ rows }) => rows.some((row) => metrics.faulty.has(row));
  return [
    {
      name: 'turnout_mirror_requests_total',
      help: 'Copies of requests to a version that serves nobody with them, by what became of them.',
      type: 'counter',
      labels: ['route', 'version', 'result'],
      read: series.listed(columns.mirrorResults, mirrorResults, (result) => ({ result }), mirrored),
    },
    {
      name: 'turnout_mirror_differences_total',
      help: 'Answers that differed from those to the copies of their requests, by what did.',
      type: 'counter',
      labels: ['route', 'version', 'what'],
      read: series.listed(columns.mirrorFindings, mirrorFindings, (what) => ({ what }), mirrored),
    },
    {
      name: 'turnout_mirror_duration_seconds',
      help: 'Time to the head of the answer, of the originals and of their copies.',
      type: 'histogram',
      labels: ['route', 'version', 'answer'],
      read: series.histograms(
        'turnout_mirror_duration_seconds',
        columns.mirrorDurations,
        'answer',
        mirrorAnswers,
        mirrored,
      ),
    },
    {
      name: 'turnout_faults_injected_total',
      help: 'Trouble made on purpose, as a fault of the route says.',
      type: 'counter',
      labels: ['route', 'version', 'kind'],
      read: series.listed(columns.faults, faultKinds, (kind) => ({ kind }), faulty),
    },
  ];
}
