#!/usr/bin/env node
// Only what parses on an old Node is imported at once: it must get as far as to say so.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tooOld } from './cli/node-version.ts';
import type { Ports } from './cli/ports.ts';

const here = fileURLToPath(import.meta.url);

/** Returns the path of a file of the package: the same way up from src/ and from dist/. */
function ofPackage(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

async function main(): Promise<number> {
  const { keepYoungGenerationSmall } = await import('./young-generation.ts');
  keepYoungGenerationSmall();
  const { takeSignals } = await import('./cli/signals.ts');
  const stopped = takeSignals(process, () => process.exit(130), Date.now);
  const { terminalOf } = await import('./cli/terminal.ts');
  const { runProgram } = await import('./cli/program.ts');
  const { version } = JSON.parse(readFileSync(ofPackage('package.json'), 'utf8'));
  const ports: Ports = {
    terminal: terminalOf(process),
    env: process.env,
    version,
    serve: async (settings, listeners) => {
      const { serve } = await import('./edge.ts');
      return serve(settings, listeners, version);
    },
    servePage: async (env) => {
      const { readPageSettings } = await import('./testpage/page-settings.ts');
      const { servePage } = await import('./testpage/page.ts');
      const read = readPageSettings(env);
      return read.problems === undefined ? servePage(read.settings) : read;
    },
    stopped,
    call: async (asked) => {
      const { call } = await import('./cli/call.ts');
      return call(asked);
    },
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    self: [process.execPath, ...process.execArgv, here],
    ownRulesFile: ofPackage('config/routes.yaml'),
    demoDirectory: ofPackage('config/demo'),
  };
  return runProgram(process.argv.slice(2), ports);
}

// Whoever reads us may stop reading: `turnout schema | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const complaint = tooOld(process.versions.node);
if (complaint !== undefined) {
  process.stderr.write(complaint);
  process.exitCode = 1;
} else {
  const exitCode = await main();
  // What is written is out before we go, and nothing left open may keep us.
  process.stdout.write('', () => process.exit(exitCode));
}
