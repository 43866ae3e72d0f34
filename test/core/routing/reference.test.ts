import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { reasons } from '#core/routing/assignment';
import { wishRefusals } from '#core/routing/override';
import { issuedCookieNames, maxUnitBytes } from '#core/routing/unit';

const file = new URL('../../../docs/reference/assignment.md', import.meta.url);
const text = readFileSync(file, 'utf8');
const [stages = '', refused = ''] = text.split('Why a wish is refused');

test('the reference tells every reason in the table of stages', async (t) => {
  const table = stages.slice(0, stages.indexOf('What a state lets through'));
  const told = [...table.matchAll(/\| `([a-z]+)(?::<name>)?` \|$/gm)].map(([, word]) => word);
  t.same(told.sort(), reasons.toSorted());
});

test('the reference has a row for each refusal of a wish, and for no other', async (t) => {
  const told = [...refused.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, word]) => word);
  t.same(told.sort(), wishRefusals.toSorted());
});

test('the reference names the issued cookies and the longest unit', async (t) => {
  t.match(text, issuedCookieNames.https);
  t.match(text, issuedCookieNames.http);
  t.match(text, `over ${maxUnitBytes} bytes`);
});
