import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { jsonSchemaText } from '#core/document/json-schema';

test('config/turnout.schema.json is what the schema says', async (t) => {
  const file = resolve(import.meta.dirname, '../../../config/turnout.schema.json');
  t.equal(readFileSync(file, 'utf8'), jsonSchemaText());
});
