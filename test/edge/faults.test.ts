import { EventEmitter } from 'node:events';
import { test } from 'tap';
import { firstFault } from '../../src/edge/faults.ts';
import { logOf } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

test('what nobody caught is logged and counted, and the first one ends the process', async (t) => {
  const events = new EventEmitter();
  const metrics = new Metrics({ refusals: [] });
  const lines: string[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(line);
    },
  };
  let ends = 0;
  const fault = firstFault({
    log: logOf({ destination }),
    metrics,
    events,
    endLater: () => {
      ends++;
    },
  });
  events.emit('uncaughtException', new RangeError('out of it'));
  events.emit('uncaughtException', 'not even an error');
  t.equal(await fault, 'a bug of Turnout: out of it');
  t.equal(metrics.totals.bugs[0], 2);
  t.match(
    lines.map((line) => JSON.parse(line)),
    [
      { 'event.name': 'bug_caught', level: 'error', msg: 'out of it', stack: /RangeError/ },
      { 'event.name': 'bug_caught', msg: 'not even an error' },
    ],
  );
  t.ok(ends > 0, 'the end is seen to');
});
