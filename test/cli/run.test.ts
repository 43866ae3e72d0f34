import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { DrainTimes } from '../../src/cli/ports.ts';
import type { Settings } from '../../src/cli/settings.ts';
import { running, shopRules, turnout } from './fake-ports.ts';

function rulesFile(t: Test, text = shopRules): string {
  return join(t.testdir({ 'routes.yaml': text }), 'routes.yaml');
}

/** An error as node:net makes it. */
function netError(code: string, port: number): Error {
  return Object.assign(new Error(`listen ${code}`), { code, port });
}

test('serves as flags and variables say, drains when told to, and ends with 0', async (t) => {
  const file = rulesFile(t);
  const seen: Settings[] = [];
  const ran = await turnout(['run', '-l', '127.0.0.1:1234', '--keep-alive', '5s'], {
    env: { TURNOUT_RULES: file, TURNOUT_DRAIN_DELAY: '1s' },
    stopped: () => Promise.resolve(),
    serve: async (settings) => {
      seen.push(settings);
      return running(0);
    },
  });
  t.equal(ran.exitCode, 0);
  t.equal(ran.out, '');
  t.match(seen, [
    {
      rules: { kind: 'file', path: file },
      listen: { host: '127.0.0.1', port: 1234 },
      drainDelayMs: 1_000,
      limits: { keepAliveMs: 5_000 },
    },
  ]);
  t.match(ran.err, 'traffic  http://127.0.0.1:8080\n  admin    http://[::1]:9090\n');
});

for (const { words, variable, trusts } of [
  { words: [], variable: '', trusts: true },
  { words: [], variable: 'false', trusts: false },
  { words: ['--no-admin-trust-loopback'], variable: 'true', trusts: false },
]) {
  test(`this machine is trusted: ${trusts} by ${words} and "${variable}"`, async (t) => {
    const seen: Settings[] = [];
    await turnout(['run', '-c', rulesFile(t), ...words], {
      env: { TURNOUT_ADMIN_TRUST_LOOPBACK: variable },
      stopped: () => Promise.resolve(),
      serve: async (settings) => {
        seen.push(settings);
        return running(0);
      },
    });
    t.match(seen, [{ trustsAdminLoopback: trusts }]);
  });
}

test('says on which of its ports it speaks TLS', async (t) => {
  const traffic = [
    { scheme: 'http', host: '0.0.0.0', port: 8080 },
    { scheme: 'https', host: '::', port: 8443 },
  ] as const;
  const { err } = await turnout(['run', '-c', rulesFile(t)], {
    stopped: () => Promise.resolve(),
    serve: async () => ({ ...running(0), traffic }),
  });
  t.match(err, '  traffic  http://0.0.0.0:8080\n  traffic  https://[::]:8443\n');
});

test('tells what the drain had to cut, and ends with 0 all the same', async (t) => {
  const { exitCode, err } = await turnout(['run', '-c', rulesFile(t)], {
    stopped: () => Promise.resolve(),
    serve: async () => running(3),
  });
  t.equal(exitCode, 0);
  t.match(err, '3 requests were cut when the drain timed out\n');
});

test('where it cannot go on it says why, drains for 5 s at most, and ends with 1', async (t) => {
  const drains: DrainTimes[] = [];
  const { exitCode, err } = await turnout(['run', '-c', rulesFile(t)], {
    serve: async () => ({
      ...running(0),
      broken: Promise.resolve('a bug of Turnout: oh'),
      drain: async (times) => {
        drains.push(times);
        return { aborted: 0 };
      },
    }),
  });
  t.equal(exitCode, 1);
  t.match(err, 'error: a bug of Turnout: oh\n');
  t.same(drains, [{ delayMs: 0, timeoutMs: 5_000 }]);
});

test('settings that cannot be used are all told, and 2', async (t) => {
  const ran = await turnout(['run', '-l', 'x'], { env: { TURNOUT_LOG_LEVEL: 'loud' } });
  t.equal(ran.exitCode, 2);
  t.equal(
    ran.err,
    'error: --listen must be HOST:PORT, for example 0.0.0.0:8080 or [::]:8080, got "x"\n' +
      'error: TURNOUT_LOG_LEVEL must be one of debug, info, warn, error, silent, got "loud"\n',
  );
});

for (const { words, error, err } of [
  {
    words: ['-l', '0.0.0.0:8080'],
    error: netError('EADDRINUSE', 8080),
    err: '0.0.0.0:8080 is taken\n  hint: stop what listens there, or name another address with --listen',
  },
  {
    words: ['--admin', '127.0.0.1:9099'],
    error: netError('EADDRINUSE', 9099),
    err: '127.0.0.1:9099 is taken\n  hint: stop what listens there, or name another address with --admin',
  },
  {
    words: ['--tls-listen', '0.0.0.0:8443', '--tls-cert', 'a.crt', '--tls-key', 'a.key'],
    error: netError('EADDRINUSE', 8443),
    err: '0.0.0.0:8443 is taken\n  hint: stop what listens there, or name another address with --tls-listen',
  },
  {
    words: ['-l', '0.0.0.0:80'],
    error: netError('EACCES', 80),
    err: '0.0.0.0:80 may not be listened on\n  hint: ports below 1024 often need a privilege; name another one with --listen',
  },
  {
    words: ['-l', '127.0.0.11:8080'],
    error: netError('EADDRNOTAVAIL', 8080),
    err: '127.0.0.11 is not an address of this machine\n  hint: on macOS: sudo ifconfig lo0 alias 127.0.0.11',
  },
  {
    words: ['-l', '192.0.2.1:8080'],
    error: netError('EADDRNOTAVAIL', 8080),
    err: '192.0.2.1 is not an address of this machine\n  hint: name one of its own with --listen, or 0.0.0.0 for all',
  },
]) {
  test(`${words.join(' ')}, ${error.message}: a sentence, and 1`, async (t) => {
    const file = rulesFile(t);
    const ran = await turnout(['run', '-c', file, ...words], {
      serve: () => Promise.reject(error),
    });
    t.same(ran, { exitCode: 1, out: '', err: `error: ${err}\n` });
  });
}
