import { METHODS } from 'node:http';

const knownMethods: ReadonlySet<string> = new Set(METHODS);

export interface PageMetrics {
  readonly count: (method: string, code: number) => void;
  /** Returns the counters in the Prometheus text format. */
  readonly text: () => string;
}

/** Counts the answers of a testpage by version, code and method. */
export function pageMetrics(version: string): PageMetrics {
  const counts = new Map<string, number>();
  const label = version.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return {
    count: (method, code) => {
      const known = knownMethods.has(method) ? method : 'OTHER';
      const labels = `version="${label}",code="${code}",method="${known}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
    },
    text: () => {
      const lines = [...counts].map(([labels, n]) => `http_requests_total{${labels}} ${n}\n`);
      return `# HELP http_requests_total Answers of this testpage.\n# TYPE http_requests_total counter\n${lines.join('')}`;
    },
  };
}
