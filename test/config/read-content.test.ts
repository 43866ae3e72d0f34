import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'tap';
import { readContent } from '../../src/config/read-content.ts';
import { ConfigMapVolume } from '../support/configmap-volume.ts';

/** Long enough to be read in several pieces. */
const long = 200_000;
const updates = 200;

const textOf = (number: number) => String(number % 10).repeat(long);

/** Reads while the volume goes from one document to the next; `lead` turns before it begins to. */
async function readAcross(volume: ConfigMapVolume, number: number, lead: number) {
  const reading = readContent(join(volume.directory, 'routes.yaml'));
  for (let turns = lead; turns > 0; turns--) await turn();
  for (const _ of volume.update({ 'routes.yaml': textOf(number) })) await turn();
  const content = await reading;
  const text = content.kind === 'bytes' ? content.bytes.toString() : content.message;
  if (text === textOf(number - 1)) return 'old';
  return text === textOf(number) ? 'new' : text.slice(0, 100);
}

test('a reader that straddles a switch gets one document, whole: the old one or the new', async (t) => {
  const volume = new ConfigMapVolume(join(t.testdir({}), 'etc'));
  volume.write({ 'routes.yaml': textOf(0) });
  const met = new Set<string>();
  for (let number = 1; number <= updates; number++) {
    met.add(await readAcross(volume, number, number % 7));
  }
  t.same([...met].toSorted(), ['new', 'old']);
});
