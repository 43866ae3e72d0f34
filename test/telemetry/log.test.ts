import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { type Test, test } from 'tap';
import { type LogOptions, logOf } from '../../src/telemetry/log.ts';

/** A log whose lines can be read. */
function logging(options: LogOptions = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { log: logOf({ destination, ...options }), lines };
}

test('an event is one line of JSON with its name', async (t) => {
  const { log, lines } = logging();
  log.event('info', 'document_applied', 'document a1b2 is in force', { hash: 'a1b2' });
  t.equal(lines.length, 1);
  const { time, ...line } = JSON.parse(lines[0] ?? '');
  t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.strictSame(line, {
    level: 'info',
    'event.name': 'document_applied',
    hash: 'a1b2',
    msg: 'document a1b2 is in force',
  });
});

test('events below the level are left out', async (t) => {
  const { log, lines } = logging({ level: 'warn' });
  log.event('info', 'process_started', 'serving');
  log.event('error', 'bug_caught', 'a bug');
  t.equal(lines.length, 1);
  const silent = logging({ level: 'silent' });
  silent.log.event('error', 'bug_caught', 'a bug');
  t.equal(silent.lines.length, 0);
});

test('secrets are not written, wherever they are', async (t) => {
  const { log, lines } = logging();
  log.event('info', 'process_started', 'serving', {
    cookie: 'S1',
    headers: { authorization: 'S2', 'x-api-key': 'S3', 'set-cookie': 'S4' },
    a: { b: { token: 'S5', password: 'S6' } },
    kept: 'S0',
  });
  t.match(lines[0], /S0/);
  t.notMatch(lines[0], /S[1-6]/);
  t.match(lines[0], /\[redacted\]/);
});

test('whatever a message or a fact holds, one event is one line', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, fact) => {
      const { log, lines } = logging();
      log.event('info', 'document_refused', message, { fact });
      const [line = ''] = lines;
      const isOneLine = lines.length === 1 && line.indexOf('\n') === line.length - 1;
      return isOneLine && JSON.parse(line).fact === fact;
    }),
  );
});

test('what is in memory is written when it is asked for', async (t: Test) => {
  const file = join(t.testdir({}), 'log');
  const destination = pino.destination({ dest: file, sync: true, minLength: 4_096 });
  const { log } = logging({ destination });
  log.event('info', 'process_ended', 'drained');
  t.equal(readFileSync(file, 'utf8'), '');
  log.flush();
  t.match(readFileSync(file, 'utf8'), /process_ended/);
});
