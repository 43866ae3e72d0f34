import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { parts } from '#core/conditions/registry';
import { read } from '#core/document/read';

const config = resolve(import.meta.dirname, '../../../config');
const examples = readdirSync(resolve(config, 'examples')).map((name) => `examples/${name}`);

for (const name of ['routes.yaml', ...examples]) {
  test(`${name} has no problems and no warnings`, async (t) => {
    const text = readFileSync(resolve(config, name), 'utf8');
    const reading = read(text);
    t.equal(reading.kind, 'document');
    t.strictSame(reading.kind === 'document' ? reading.warnings : reading.problems, []);
    // Editors have a schema of their own for objects of Kubernetes.
    if (name.includes('httproute')) return;
    const up = name.includes('/') ? '../' : './';
    t.ok(text.startsWith(`# yaml-language-server: $schema=${up}turnout.schema.json\n`));
  });
}

test('every condition has an example', async (t) => {
  for (const key of Object.keys(parts)) {
    const file = `examples/by-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.yaml`;
    t.ok(examples.includes(file), file);
  }
});

test('every yaml block of the reference that is a document has no problems', async (t) => {
  const docs = resolve(config, '../docs/reference');
  for (const file of ['document.md', 'conditions.md']) {
    const text = readFileSync(resolve(docs, file), 'utf8');
    for (const [, block = ''] of text.matchAll(/^```yaml\n(.*?)^```$/gms)) {
      if (!block.includes('apiVersion:')) continue;
      const reading = read(block);
      t.strictSame(reading.kind === 'document' ? reading.warnings : reading.problems, [], file);
    }
  }
});
