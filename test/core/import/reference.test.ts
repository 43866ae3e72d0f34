import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { importCodes } from '#core/import/codes';
import { translated, untranslated } from '#core/import/ingress-nginx/annotations';
import { fields } from '#core/import/istio/fields';

const file = resolve(import.meta.dirname, '../../../docs/reference/import.md');
const reference = readFileSync(file, 'utf8');

test('every code has its row', async (t) => {
  for (const [code, meaning] of Object.entries(importCodes)) {
    t.ok(reference.includes(`| ${code} | ${meaning} |`), code);
  }
});

test('every annotation that is known is told, with what becomes of it', async (t) => {
  for (const name of translated) t.ok(reference.includes(`\`${name}\``), name);
  for (const { names, code, why } of untranslated) {
    const shown = names.map((name) => `\`${name.endsWith('-') ? `${name}*` : name}\``).join(', ');
    t.ok(reference.includes(`| ${shown} | ${code} | ${why} |`), shown);
  }
});

test('every field of Istio that is known is told, with what becomes of it', async (t) => {
  for (const [kind, known] of Object.entries(fields)) {
    for (const [name, fate] of Object.entries(known)) {
      const row = fate && `| \`${name}\` of ${kind} | ${fate.code} | ${fate.why} |`;
      t.ok(reference.includes(row ?? `\`${name}\``), `${kind} ${name}`);
    }
  }
});
