import type { Command } from 'commander';
import { renderProblems } from '#core/document/render-problems';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import type { Finish } from './program.ts';
import { hashOf, type RulesFile, readRulesFile, rulesFileName } from './rules-file.ts';
import { exitCodes } from './trouble.ts';

interface Flags {
  readonly strict?: true;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout check                          the file TURNOUT_RULES names, or routes.yaml
  turnout check shop.yaml --strict       warnings count too
  kubectl get configmap turnout-rules -o jsonpath='{.data.routes\\.yaml}' | turnout check -
`;

/** `turnout check`: is the document right? Offline; every problem at once. */
export function addCheck(program: Command, ports: Ports, finish: Finish): void {
  program
    .command('check')
    .description('tell every problem of a rules document')
    .argument('[file]', 'the document; "-" reads it from stdin')
    .option('--strict', 'a warning is a failure too')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action(async (file: string | undefined, flags: Flags) => {
      const rules = await readRulesFile(rulesFileName(file, ports), ports);
      ports.terminal.out(flags.output === 'json' ? programText(rules) : personText(rules));
      finish(passes(rules, flags) ? exitCodes.done : exitCodes.wrongUse);
    });
}

function passes({ document, problems }: RulesFile, { strict }: Flags): boolean {
  return document !== undefined && (strict === undefined || problems.length === 0);
}

function personText({ file, text, document, problems }: RulesFile): string {
  const told = problems.length === 0 ? '' : renderProblems(problems, { file, text });
  if (document === undefined) return told;
  const versions = document.routes.reduce((sum, route) => sum + route.versions.length, 0);
  const size = `${count(document.routes.length, 'route')}, ${count(versions, 'version')}`;
  const verdict = problems.length === 0 ? 'no problems' : 'can be used';
  return `${told}${file}: ${verdict}; ${size}, hash ${hashOf(text)}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function programText({ file, text, document, problems }: RulesFile): string {
  const ok = document !== undefined;
  return jsonText({ file, ok, hash: ok ? hashOf(text) : undefined, problems });
}
