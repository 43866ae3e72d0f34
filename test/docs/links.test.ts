import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'tap';
import { pageAt, pages, root } from './pages.ts';

/** The name a heading is linked by, as GitHub makes it. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function slugsIn(prose: string): readonly string[] {
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugOf(heading));
}

for (const page of pages()) {
  test(`${page.path}: its links lead somewhere`, async (t) => {
    const text = page.prose.replaceAll(/`[^`\n]*`/g, 'code');
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page.path : normalize(join(dirname(page.path), path));
      t.ok(existsSync(join(root, target)), link);
      if (anchor !== undefined) t.ok(slugsIn(pageAt(target).prose).includes(anchor), link);
    }
  });
}

test('every page below docs is in the index, or in that of the decisions', async (t) => {
  const index = `${pageAt('docs/README.md').text}${pageAt('docs/decisions/README.md').text}`;
  for (const { path } of pages()) {
    if (!path.startsWith('docs/') || path.endsWith('README.md')) continue;
    t.match(index, path.split('/').slice(-1)[0], path);
  }
});
