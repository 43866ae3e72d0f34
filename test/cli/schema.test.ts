import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { jsonSchemaText } from '#core/document/json-schema';
import { turnout } from './fake-ports.ts';

test('prints the schema of the document', async (t) => {
  t.same(await turnout(['schema']), { exitCode: 0, out: jsonSchemaText(), err: '' });
});

test('--out writes it to a file and prints nothing', async (t) => {
  const file = join(t.testdir({}), 'schema.json');
  t.same(await turnout(['schema', '--out', file]), { exitCode: 0, out: '', err: '' });
  t.equal(readFileSync(file, 'utf8'), jsonSchemaText());
});

test('a place it cannot be written to is told in a sentence', async (t) => {
  const file = join(t.testdir({}), 'no/such/folder.json');
  t.match(await turnout(['schema', '--out', file]), {
    exitCode: 2,
    err: `error: the schema file ${file} does not exist`,
  });
});
