import { test } from 'tap';
import { failures } from '#core/exchange/failure';
import { refusals } from '#core/http1/refusal';
import { pageAt } from './pages.ts';

/** The rows of a page's tables that begin with a code, as cells. */
function rowsOf(path: string): readonly (readonly string[])[] {
  const { prose } = pageAt(path);
  return [...prose.matchAll(/^\| `\w+` \|.*$/gm)].map(([row]) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('the reference has every failure, in order, and something to do for each', async (t) => {
  const rows = rowsOf('docs/reference/failures.md');
  t.strictSame(
    rows.map((row) => row.slice(0, 4)),
    Object.entries(failures).map(([code, { status, side, message }]) => [
      `\`${code}\``,
      String(status),
      side,
      message,
    ]),
  );
  for (const [code = '', , , , todo = ''] of rows) t.ok(todo.length > 20, code);
});

test('the reference has every refusal, in order', async (t) => {
  t.strictSame(
    rowsOf('docs/reference/refusals.md'),
    Object.entries(refusals).map(([code, { status, rfc, message }]) => [
      `\`${code}\``,
      String(status),
      message,
      rfc,
    ]),
  );
});
