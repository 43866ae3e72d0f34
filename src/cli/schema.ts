import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { jsonSchema } from '#core/document/json-schema';
import { fileTrouble } from './file-trouble.ts';
import type { Ports } from './ports.ts';

const help = `Examples:
  turnout schema                              print it
  turnout schema --out turnout.schema.json    and let the editor know, as first line of the rules:
                                              # yaml-language-server: $schema=./turnout.schema.json
`;

/** `turnout schema`: the JSON Schema of the rules document, for editors. */
export function addSchema(program: Command, ports: Ports): void {
  program
    .command('schema')
    .description('print the JSON Schema of the rules document')
    .option('--out <file>', 'write it there instead')
    .addHelpText('before', help)
    .action(async ({ out }: { readonly out?: string }) => {
      const text = `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
      if (out === undefined) ports.terminal.out(text);
      else await write(out, text);
    });
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw fileTrouble('the schema file', file, error);
  }
}
