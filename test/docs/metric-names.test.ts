import { test } from 'tap';
import { pageAt, pages } from './pages.ts';

// test/telemetry/exposition.test.ts compares this table with the program.
const table = pageAt('docs/reference/metrics.md').prose;
const known = new Set([...table.matchAll(/^\| `(turnout_\w+)`/gm)].map(([, name]) => name));

for (const { path, text } of pages()) {
  test(`${path}: the metrics it names are exposed`, async (t) => {
    t.ok(known.size > 0);
    // What a pattern follows, as in turnout_(in_flight, is a part of a name.
    for (const [name] of text.matchAll(/\bturnout_[a-z_]+\b(?![(*.…])/g)) {
      t.ok(known.has(name.replace(/_(?:bucket|sum|count)$/, '')), name);
    }
  });
}
