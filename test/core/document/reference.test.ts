import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { browserFamilies, osFamilies } from '#core/conditions/families';
import { parts } from '#core/conditions/registry';
import { devices } from '#core/conditions/when';
import { documentWords } from '#core/document/known-words';

function reference(name: string): string {
  return readFileSync(resolve(import.meta.dirname, '../../../docs/reference', name), 'utf8');
}

test('conditions.md has a row for every condition, with every word it takes', async (t) => {
  const text = reference('conditions.md');
  for (const key of [...Object.keys(parts), 'all', 'any', 'not']) {
    t.match(text, new RegExp(`^\\| \`${key}\` \\|`, 'm'), key);
  }
  for (const [key, words] of Object.entries({
    device: devices,
    os: osFamilies,
    browser: browserFamilies,
  })) {
    const list = words.map((word) => `\`${word}\``).join(', ');
    t.ok(text.includes(`| \`${key}\` | ${list} |`), key);
  }
  for (const device of devices) t.match(text, new RegExp(`^\\| \`${device}\` \\|`, 'm'), device);
});

test('document.md names every key', async (t) => {
  const text = reference('document.md');
  for (const path of [
    [],
    ['defaults'],
    ['routes', 0],
    ['routes', 0, 'versions', 'v1'],
    ['routes', 0, 'audiences', 0],
    ['routes', 0, 'sticky'],
    ['routes', 0, 'override'],
    ['routes', 0, 'timeouts'],
    ['routes', 0, 'rewrite'],
    ['routes', 0, 'redirect'],
    ['routes', 0, 'onUnavailable'],
    ['routes', 0, 'retries'],
    ['routes', 0, 'health'],
    ['routes', 0, 'ejection'],
    ['routes', 0, 'limits'],
    ['routes', 0, 'tls'],
    ['routes', 0, 'mirror'],
    ['routes', 0, 'mirror', 'compare'],
    ['routes', 0, 'fault'],
    ['routes', 0, 'fault', 'delay'],
    ['routes', 0, 'fault', 'abort'],
    ['routes', 0, 'rollout'],
    ['routes', 0, 'rollout', 'steps', 0],
    ['routes', 0, 'rollout', 'steps', 0, 'pass'],
    ['routes', 0, 'rollout', 'goal'],
    ['routes', 0, 'rollout', 'judge'],
    ['routes', 0, 'rollout', 'judge', 'errors'],
    ['routes', 0, 'rollout', 'judge', 'latency'],
    ['routes', 0, 'rollout', 'judge', 'pass'],
  ]) {
    const keys = documentWords.keysAt(path);
    t.ok(keys.length > 0, path.join('.'));
    for (const key of keys) t.match(text, new RegExp(`\\b${key}\\b`), `${path.join('.')}.${key}`);
  }
});
