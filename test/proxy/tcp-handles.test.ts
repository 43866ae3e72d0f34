import { test } from 'tap';
import { endOfFile, errorName, tcpHandles } from '../../src/proxy/tcp-handles.ts';

test('the handles of this Node are what we know: traffic does not fall back to sockets', async (t) => {
  t.ok(tcpHandles !== undefined);
});

test('errors have the names of the system', async (t) => {
  t.equal(errorName(endOfFile), 'EOF');
  t.equal(errorName(-104), 'ECONNRESET');
  t.equal(errorName(-1_000_000), 'error -1000000');
});
