import { test } from 'tap';
import { framing } from '#core/http1/framing';
import type { NodeBytes } from '../../src/proxy/node-bytes.ts';
import { RequestOut } from '../../src/proxy/request-out.ts';
import type { Upstream } from '../../src/proxy/upstream.ts';

/** A connection that is full after each write, as the next drained event would find it. */
function fullConnection(): Upstream {
  const wire = { write: () => false, keepsBytes: false };
  // Nothing else of a connection is looked at.
  return { wire } as unknown as Upstream;
}

function take(request: RequestOut, text: string): void {
  const bytes = Buffer.from(text, 'latin1') as NodeBytes;
  request.take(bytes, 0, bytes.length);
}

test('a read that brings nothing to send does not stop the next: nobody would be told to go on', (t) => {
  const request = new RequestOut();
  request.room(100);
  request.start(10, framing.chunked, -1);
  request.sendTo(fullConnection());
  take(request, '3\r\nabc\r\n');
  t.ok(request.wantsPause, 'the connection is full');
  // The connection has drained, the client is read again: the beginning of a chunk has come.
  take(request, '5');
  t.notOk(request.wantsPause);
  take(request, '\r\nhello');
  t.ok(request.wantsPause);
  t.end();
});
