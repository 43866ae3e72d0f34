import { byPopularity } from '../../popularity.ts';

const header = 'apiVersion: turnout/v1\nroutes:';

interface Origins {
  readonly v1: number;
  readonly v2: number;
}

function split({ v1, v2 }: Origins): string {
  const version = (port: number, weight: number) =>
    `{url: "http://127.0.0.1:${port}", weight: ${weight}}`;
  return `{v1: ${version(v1, 90)}, v2: ${version(v2, 10)}}`;
}

/** The document of most benchmarks: two routes that do not hold, and the one that does. */
export function fewRules(origins: Origins): string {
  const url = `http://127.0.0.1:${origins.v1}`;
  return `${header}
  - name: api
    match: { path: /api }
    versions: { v1: { url: "${url}" } }
  - name: static
    match: { host: "static.example.com" }
    versions: { v1: { url: "${url}" } }
  - name: bench
    audiences:
      - { name: insiders, when: { cookie: { insider: "yes" } }, version: v2 }
      - { name: beta-api, when: { header: { x-api-version: { prefix: v2 } } }, version: v2 }
    versions: ${split(origins)}
`;
}

const hostOf = (i: number) => `shop-${i}.example.com`;
const pathOf = (i: number) => `/api/part-${i % 50}`;

/** Routes that each take a host and a path. Short, because a document has at most 1 MiB. */
export function manyRules(count: number, origins: Origins): string {
  const versions = split(origins);
  const routes = Array.from({ length: count }, (_, i) => {
    const match = `{host: ${hostOf(i)}, path: ${pathOf(i)}}`;
    return `- {name: r${i}, match: ${match}, versions: ${versions}}`;
  });
  return `${header}\n${routes.join('\n')}\n`;
}

/** Requests for those routes, some far more often than others: a line "HOST PATH" each. */
export function requestsTo(count: number): string {
  const lines = Array.from({ length: 16_384 }, (_, i) => {
    const at = byPopularity(i, count);
    return `${hostOf(at)} ${pathOf(at)}/items?page=${i % 97}\n`;
  });
  return lines.join('');
}
