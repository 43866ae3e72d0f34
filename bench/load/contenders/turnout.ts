import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { root } from './installed.ts';
import { fewRules } from './turnout-rules.ts';

const main = join(root, 'dist/main.js');

interface Variant {
  readonly name?: string;
  readonly rules?: (site: Site) => string;
  readonly requests?: () => string;
  /** For Node, before the program. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
}

/** The package as it is published, with its admin listener, as one would run it. */
export function turnout(variant: Variant): Contender {
  const { name = 'turnout', rules = fewRules, nodeArgs = [], args = [], requests } = variant;
  return {
    ...(requests === undefined ? {} : { requests }),
    name,
    version: () => (existsSync(main) ? 'this' : undefined),
    install: 'npm run build',
    isNode: true,
    hasMetrics: true,
    command: (site) => {
      const file = join(site.folder, 'routes.yaml');
      writeFileSync(file, rules(site));
      const listen = ['--listen', `127.0.0.1:${site.port}`];
      const admin = ['--admin', `127.0.0.1:${site.adminPort}`];
      // The others keep their connections for as long.
      const limits = ['--max-requests', '1000000'];
      return [
        process.execPath,
        ...nodeArgs,
        main,
        'run',
        '--rules',
        file,
        ...listen,
        ...admin,
        ...limits,
        ...args,
      ];
    },
  };
}
