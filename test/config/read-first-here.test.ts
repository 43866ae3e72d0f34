import { test } from 'tap';
import { read } from '#core/document/read';
import { maxLength, readFirstHere } from '../../src/config/read-first-here.ts';

const short = 'apiVersion: turnout/v1\nroutes: []\n';
const longest = short.padEnd(maxLength, '#');
const fromElsewhere = { kind: 'problems', problems: [] } as const;

for (const { text, isServing, isHere, because } of [
  { text: short, isServing: false, isHere: true, because: 'nobody waits for this thread' },
  { text: longest, isServing: false, isHere: true, because: 'it is just not too long' },
  { text: `${longest}#`, isServing: false, isHere: false, because: 'it would take too much' },
  { text: short, isServing: true, isHere: false, because: 'the traffic would wait' },
]) {
  test(`read ${isHere ? 'here' : 'elsewhere'}: ${because}`, async (t) => {
    const reader = readFirstHere(
      async () => fromElsewhere,
      () => isServing,
    );
    t.strictSame(await reader(text), isHere ? read(text) : fromElsewhere);
  });
}

test('whether somebody is served is asked for each document', async (t) => {
  let isServing = false;
  const reader = readFirstHere(
    async () => fromElsewhere,
    () => isServing,
  );
  t.not(await reader(short), fromElsewhere);
  isServing = true;
  t.equal(await reader(short), fromElsewhere);
});
