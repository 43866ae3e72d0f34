import { type Test, test } from 'tap';
import type { AdminPorts } from '../../src/admin/ports.ts';
import { fakeAdmin } from './fake-ports.ts';

const token = 'Tk3n-of-the-replicas-0123456789abcdef';

function appOf(t: Test, peers: AdminPorts['peers']) {
  const app = fakeAdmin(t, {
    failed: () => {},
    access: { tokens: async () => [token], trustsLoopback: true, now: () => 0 },
    peers,
  });
  return (what: string, headers: Readonly<Record<string, string>>, body: object = {}) =>
    app.inject({ method: 'POST', url: `/api/v1/peers/${what}`, headers, payload: body });
}

const bearer = { authorization: `Bearer ${token}` };

test('replicas answer each other, with a token, also on one machine', async (t) => {
  const asked: unknown[] = [];
  const ask = appOf(t, async (what, body) => {
    asked.push(what, body);
    return { replica: 'turnout-a' };
  });
  t.equal((await ask('hello', {})).statusCode, 401);
  t.equal((await ask('hello', { authorization: 'Bearer no' })).statusCode, 401);
  t.strictSame(asked, [], 'who has none is not listened to');
  const answer = await ask('tallies', bearer, { waitMs: 5 });
  t.equal(answer.statusCode, 200);
  t.strictSame(answer.json(), { replica: 'turnout-a' });
  t.strictSame(asked, ['tallies', { waitMs: 5 }]);
});

test('what cannot be read, or is not there, is told', async (t) => {
  const ask = appOf(t, async (what) => {
    if (what === 'units') throw new TypeError('from must be a whole number');
    return undefined;
  });
  t.match((await ask('units', bearer)).json(), {
    status: 422,
    code: 'bad_body',
    detail: 'from must be a whole number',
  });
  t.equal((await ask('nonsense', bearer)).statusCode, 404);
});

test('a process alone has no such path', async (t) => {
  const ask = appOf(t, undefined);
  t.equal((await ask('hello', bearer)).statusCode, 404);
});
