import { EventEmitter } from 'node:events';
import { test } from 'tap';
import { takeSignals } from '../../src/cli/signals.ts';

function taken() {
  const events = new EventEmitter();
  const seen = { ended: 0, nowMs: 1_000 };
  const stopped = takeSignals(
    events,
    () => {
      seen.ended += 1;
    },
    () => seen.nowMs,
  );
  return { events, seen, stopped };
}

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) {
  test(`${signal}: ends a process that does not wait for it`, async (t) => {
    const { events, seen } = taken();
    events.emit(signal);
    t.equal(seen.ended, 1);
  });

  test(`${signal}: is the stop of a process that waits for it`, async (t) => {
    const { events, seen, stopped } = taken();
    const stop = stopped();
    events.emit(signal);
    await stop;
    t.equal(seen.ended, 0);
  });
}

test('a second signal ends the process', async (t) => {
  const { events, seen, stopped } = taken();
  stopped();
  events.emit('SIGTERM');
  seen.nowMs += 500;
  events.emit('SIGTERM');
  t.equal(seen.ended, 1);
});

test('the same Ctrl-C sent by the terminal and by npm counts once', async (t) => {
  const { events, seen, stopped } = taken();
  stopped();
  events.emit('SIGINT');
  seen.nowMs += 499;
  events.emit('SIGINT');
  t.equal(seen.ended, 0);
});
