import { test } from 'tap';
import { read } from '#core/document/read';
import { pages } from './pages.ts';

for (const { path, blocks } of pages()) {
  for (const { language, text, line } of blocks) {
    if (language !== 'yaml' || !/^(?:apiVersion: turnout\/|kind: HTTPRoute$)/m.test(text)) continue;
    test(`${path}:${line}: the document has no problem`, async (t) => {
      const reading = read(text);
      t.match(reading, { kind: 'document', warnings: [] });
    });
  }
}
