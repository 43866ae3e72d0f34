import { readFile } from 'node:fs/promises';
import { Argument, type Command } from 'commander';
import type { Problem } from '#core/document/problem';
import { renderProblems } from '#core/document/render-problems';
import { type ImportKind, importers, importText } from '#core/import/import-text';
import type { Settled } from '#core/import/settle';
import { fileTrouble } from './file-trouble.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import type { Finish } from './program.ts';
import { DocumentTrouble } from './rules-file.ts';
import { exitCodes, Trouble } from './trouble.ts';

interface Flags {
  readonly strict?: true;
  readonly output: OutputForm;
}

const help = `Examples:
  kubectl get ingress,service -A -o yaml | turnout import ingress-nginx - > routes.yaml
  turnout import istio virtual-service.yaml > routes.yaml
  turnout import istio mesh.yaml --strict    a failure where anything is not translated
`;

/** `turnout import`: a rules document from what another proxy was told, and all that is not in it. */
export function addImport(program: Command, ports: Ports, finish: Finish): void {
  const kinds = Object.keys(importers);
  program
    .command('import')
    .description('translate the objects of another proxy into a rules document')
    .addArgument(new Argument('<kind>', 'whose objects they are').choices(kinds))
    .argument('<file>', 'the objects, YAML or JSON; "-" reads them from stdin')
    .option('--strict', 'a warning is a failure: nothing may be left untranslated')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action(async (kind: ImportKind, file: string, flags: Flags) => {
      finish(await run(kind, file, flags, ports));
    });
}

async function run(kind: ImportKind, name: string, flags: Flags, ports: Ports): Promise<number> {
  const { out, err, readStdin } = ports.terminal;
  const file = name === '-' ? 'stdin' : name;
  const text = name === '-' ? await readStdin() : await textOf(name);
  const result = importText(kind, text, file);
  if (result.kind === 'problems') {
    const problems = renderProblems(result.problems, { file, text });
    throw new DocumentTrouble(exitCodes.wrongUse, problems);
  }
  const { document, warnings } = result;
  if (document !== undefined) {
    out(flags.output === 'json' ? programText(file, document, warnings) : document.text);
  }
  // Behind the document: on a terminal they are what is read last.
  if (warnings.length > 0) err(renderProblems(warnings, { file, text }));
  if (document === undefined) {
    const remedy = `objects of ${kind} make routes: are there any in it?`;
    throw new Trouble(exitCodes.wrongUse, `${file}: nothing in it could be translated`, remedy);
  }
  return flags.strict === true && warnings.length > 0 ? exitCodes.wrongUse : exitCodes.done;
}

function programText(file: string, document: Settled, problems: readonly Problem[]): string {
  const { text, routes } = document;
  return jsonText({ file, complete: problems.length === 0, routes, document: text, problems });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileTrouble('the file', file, error);
  }
}
