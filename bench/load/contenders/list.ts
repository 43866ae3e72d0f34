import { join } from 'node:path';
import { caddy } from './caddy.ts';
import type { Contender } from './contender.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { nodePackage } from './node-packages.ts';
import { turnout } from './turnout.ts';
import { manyRules, requestsTo } from './turnout-rules.ts';

/** Whom Turnout is measured against. */
export const contenders: readonly Contender[] = [
  turnout({}),
  nginx,
  haproxy,
  caddy,
  nodePackage('@fastify/http-proxy'),
  nodePackage('http-proxy'),
  nodePackage('fast-proxy'),
  nodePackage('httpxy'),
];

/** Node loads it before the program. */
function loadFirst(file: string): readonly string[] {
  return ['--import', join(import.meta.dirname, file)];
}

/** Turnout against itself. */
export const fiveRoutes = turnout({
  name: 'turnout, 5 routes',
  rules: (site) => manyRules(5, site),
  requests: () => requestsTo(5),
});
export const fiveThousandRoutes = turnout({
  name: 'turnout, 5,000 routes',
  rules: (site) => manyRules(5_000, site),
  requests: () => requestsTo(5_000),
});
export const metricsOff = turnout({
  name: 'turnout, metrics off',
  nodeArgs: loadFirst('without-metrics.ts'),
});
export const roomy = turnout({
  name: 'turnout, garbage as V8 wants it',
  nodeArgs: loadFirst('roomy.ts'),
});
