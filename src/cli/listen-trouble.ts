import { type Address, addressText } from './address.ts';
import { exitCodes, Trouble } from './trouble.ts';

/**
 * Returns a sentence for an address that could not be listened on; an error of another
 * kind comes back as it is. `where` says how another one is
 * named: `with --listen`.
 */
export function listenTrouble(address: Address, error: unknown, where: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const place = addressText(address);
  if (code === 'EADDRINUSE') {
    const remedy = `stop what listens there, or name another address ${where}`;
    return new Trouble(exitCodes.badState, `${place} is taken`, remedy);
  }
  if (code === 'EACCES') {
    const remedy = `ports below 1024 often need a privilege; name another one ${where}`;
    return new Trouble(exitCodes.badState, `${place} may not be listened on`, remedy);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Trouble(
      exitCodes.badState,
      `${address.host} is not an address of this machine`,
      address.host.startsWith('127.')
        ? `on macOS: sudo ifconfig lo0 alias ${address.host}`
        : `name one of its own ${where}, or 0.0.0.0 for all`,
    );
  }
  return error;
}
