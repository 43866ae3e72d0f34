import { test } from 'tap';
import { about, durationText, percent, plainPercent, ratioText, whole } from '#core/judge/words';

for (const { got, text } of [
  { got: percent(0), text: '0 %' },
  { got: percent(0.031), text: '3.1 %' },
  { got: percent(0.01), text: '1.0 %' },
  { got: percent(0.00042), text: '0.042 %' },
  { got: percent(0.0095), text: '0.95 %' },
  { got: percent(1), text: '100 %' },
  { got: plainPercent(0.01), text: '1 %' },
  { got: plainPercent(0.001), text: '0.1 %' },
  { got: whole(999), text: '999' },
  { got: whole(1_234_567), text: '1,234,567' },
  { got: about(2_134), text: '2,100' },
  { got: ratioText(3.14), text: '3.1' },
  { got: ratioText(31.4), text: '31' },
  { got: durationText(94_000), text: '94 s' },
  { got: durationText(240_000), text: '4 min' },
  { got: durationText(10_800_000), text: '3 h' },
  { got: durationText(604_800_000), text: '7 d' },
]) {
  test(`says ${text}`, async (t) => {
    t.equal(got, text);
  });
}
