import { bytesOf } from '#core/conditions/byte-text';
import type { Facts } from '#core/conditions/facts';
import type { Scheme } from '#core/conditions/when';

export interface MadeUp {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
  readonly client?: string;
  readonly scheme?: Scheme;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
}

/** Returns the facts of a request that is ordinary but for what is given; texts become bytes. */
export function facts(made: MadeUp = {}): Facts {
  const headers = bytesByName(made.headers);
  const cookies = bytesByName(made.cookies);
  return {
    method: made.method ?? 'GET',
    host: made.host ?? 'shop.example.com',
    path: bytesOf(made.path ?? '/'),
    query: bytesOf(made.query ?? ''),
    client: made.client ?? '192.0.2.1',
    scheme: made.scheme ?? 'http',
    header: (name) => headers.get(name),
    cookie: (name) => cookies.get(name),
  };
}

function bytesByName(values: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return new Map(Object.entries(values).map(([name, value]) => [name, bytesOf(value)]));
}
