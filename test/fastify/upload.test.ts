import { PassThrough } from 'node:stream';
import { test } from 'tap';
import { Upload } from '../../src/fastify/upload.ts';

test('a body is not touched until somebody wants it', async (t) => {
  const stream = new PassThrough();
  stream.end('body');
  const upload = new Upload(stream);
  t.notOk(upload.hasBegun);
  const chunks: Buffer[] = [];
  for await (const chunk of upload) chunks.push(chunk);
  t.equal(String(Buffer.concat(chunks)), 'body');
  t.ok(upload.hasBegun);
});

test('whoever stops early leaves the stream whole, so that the client can be answered', async (t) => {
  const stream = new PassThrough();
  stream.write('first');
  for await (const chunk of new Upload(stream)) {
    t.equal(String(chunk), 'first');
    break;
  }
  t.notOk(stream.destroyed);
});
