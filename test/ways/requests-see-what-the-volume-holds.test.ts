import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test, t as whole } from 'tap';
import { ask } from '../support/ask.ts';
import { ConfigMapVolume, type Payload, steps } from '../support/configmap-volume.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { startServingFrom } from '../support/turnout-process.ts';

// Processes are started in turn; each wait has a time limit of its own.
whole.setTimeout(300_000);

/** A process with its rules in a volume, and what requests to it see. */
async function mounted(t: Test) {
  const origin = await rawOrigin(answering(response('ok')));
  t.teardown(() => origin.close());
  const rules = (name: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: ${name} } } }
    versions: { v1: { url: "${origin.url}" } }
`;
  const volume = new ConfigMapVolume(join(t.testdir({}), 'etc'));
  const payload = (name: string, more: Payload = {}) => ({ 'routes.yaml': rules(name), ...more });
  volume.write(payload('first'));
  const { port, adminPort } = await startServingFrom(t, join(volume.directory, 'routes.yaml'));
  const seen = async () => /^x-document: (\w+)\r$/im.exec(await ask(port))?.[1];
  const comes = (name: string) =>
    eventually(async () => (await seen()) === name, `${name} is seen`);
  /** How many reloads came out so. */
  const reloads = async (result: string) => {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    const line = new RegExp(`^turnout_document_reloads_total\\{result="${result}"\\} (\\d+)$`, 'm');
    return Number(line.exec(text)?.[1] ?? 0);
  };
  const refusals = (count: number) =>
    eventually(async () => (await reloads('refused')) === count, `${count} refusals`);
  return { volume, payload, seen, comes, reloads, refusals };
}

test('requests see what the volume of a ConfigMap holds', async (t) => {
  const { volume, payload, seen, comes, reloads, refusals } = await mounted(t);
  t.equal(await seen(), 'first', 'at first mount');

  volume.write(payload('second'));
  await comes('second');

  t.test('the same bytes are no reload, nor is a key beside ours', async (t) => {
    const before = await reloads('applied');
    volume.write(payload('second'));
    volume.write(payload('second', { 'other.yaml': 'x' }));
    volume.write(payload('second', { 'other.yaml': 'y' }));
    volume.write(payload('third'));
    await comes('third');
    t.equal(await reloads('applied'), before + 1);
  });

  t.test('a removed key, an empty volume and a bad document leave what is in force', async (t) => {
    const before = await reloads('refused');
    volume.write({ 'other.yaml': 'x' });
    await refusals(before + 1);
    t.equal(await seen(), 'third', 'without its key');
    volume.write(payload('fourth'));
    await comes('fourth');
    volume.write({});
    await refusals(before + 2);
    t.equal(await seen(), 'fourth', 'without its ConfigMap');
    volume.write({ 'routes.yaml': 'apiVersion: turnout/v1\nroutes: []\n' });
    await refusals(before + 3);
    t.equal(await seen(), 'fourth', 'beside a bad document');
    volume.write(payload('fifth'));
    await comes('fifth');
  });

  t.test('of 50 updates in a row the last one', async () => {
    for (let update = 1; update <= 50; update++) volume.write(payload(`update${update}`));
    await comes('update50');
  });

  t.test('an update that a crash has cut, at any step, and the one after it', async (t) => {
    for (const step of steps) {
      const name = step.replaceAll(' ', '');
      volume.writeUpTo(step, payload(name));
      // From the switch on it is in force; before, the kubelet begins anew.
      if (steps.indexOf(step) >= steps.indexOf('switched')) await comes(name);
      volume.removeTemporaryLink();
      volume.write(payload(`${name}After`));
      await comes(`${name}After`);
      t.pass(`stopped after "${step}"`);
    }
  });

  t.test('a volume that is taken away and mounted anew', async () => {
    renameSync(volume.directory, `${volume.directory}-before`);
    mkdirSync(volume.directory);
    new ConfigMapVolume(volume.directory).write(payload('mountedAnew'));
    await comes('mountedAnew');
  });
});
