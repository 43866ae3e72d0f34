import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { versionOfPackage } from './installed.ts';

/** A package that Node programs use as a proxy, in a program of a few lines: node-proxy.ts. */
export function nodePackage(name: string): Contender {
  return {
    name,
    version: () => versionOfPackage(name),
    isNode: true,
    command: ({ port, v1, v2 }) => {
      const program = join(import.meta.dirname, 'node-proxy.ts');
      return [process.execPath, program, name, String(port), String(v1), String(v2)];
    },
  };
}
