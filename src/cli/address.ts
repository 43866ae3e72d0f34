import { isIP } from 'node:net';

/** Where a listener is bound. */
export interface Address {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Returns `host:port` or `[v6]:port` in its parts; undefined where it is neither. */
export function addressOf(text: string): Address | undefined {
  const [, bracketed, plain = '', digits = ''] =
    /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) return undefined;
  if (bracketed === undefined) return { host: plain, port };
  return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
}

/** Returns an address as it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
