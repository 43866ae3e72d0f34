import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { test } from 'tap';
import type { NodeBytes } from '../../src/proxy/node-bytes.ts';
import { beginSecurely, connectSecurely } from '../../src/proxy/secure-wire.ts';
import { SocketWire } from '../../src/proxy/socket-wire.ts';
import type { WireUser } from '../../src/proxy/wire.ts';
import { certificate } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';

const { cert, key } = certificate({ names: ['localhost'] });

/** Notes into which buffers it was given bytes. */
class Reader implements WireUser {
  readonly buffers = new Set<Buffer>();
  text = '';
  isOpen = false;

  opened(): void {
    this.isOpen = true;
  }

  read(buffer: Buffer, end: number): boolean {
    this.buffers.add(buffer);
    this.text += buffer.toString('latin1', 0, end);
    return true;
  }

  halfClosed(): void {}
  drained(): void {}
  closed(): void {}
}

test('on this Node both ends read into one buffer of the process', async (t) => {
  const server = tls.createServer({ cert, key, allowHalfOpen: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
  const [here, there] = [new Reader(), new Reader()];
  const wire = connectSecurely(
    {
      host: '127.0.0.1',
      port,
      context: tls.createSecureContext({ ca: cert }),
      serverName: 'localhost',
      verify: true,
      session: undefined,
      reached: () => {},
      resumable: () => {},
    },
    here,
    true,
  );
  const [socket] = await accepted;
  const other = new SocketWire(socket);
  beginSecurely(other, socket, there, true);
  t.teardown(() => {
    wire.destroy();
    other.destroy();
    server.close();
  });
  await eventually(() => here.isOpen, 'opened');
  for (const text of ['one ', 'two ', 'three']) {
    const before = there.text;
    wire.write(Buffer.from(text) as NodeBytes);
    await eventually(() => there.text === before + text, 'there');
    other.write(Buffer.from(text) as NodeBytes);
    await eventually(() => here.text === there.text, 'and back');
  }
  t.equal(here.text, 'one two three');
  t.equal(new Set([...here.buffers, ...there.buffers]).size, 1);
  t.equal(socket.listenerCount('data'), 0);
});
