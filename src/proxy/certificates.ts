import type { SecureContext } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** The certificates in force, in the order in which they were configured. */
export class Certificates {
  readonly #all: Certificate[];
  #byName: ReadonlyMap<string, SecureContext>;

  constructor(all: readonly [Certificate, ...Certificate[]]) {
    this.#all = [...all];
    this.#byName = byName(all);
  }

  /** Puts a certificate in the place of another, for all later handshakes at once. */
  replace(index: number, certificate: Certificate): void {
    this.#all[index] = certificate;
    this.#byName = byName(this.#all);
  }

  get count(): number {
    return this.#all.length;
  }

  /** What is shown to clients that name no host, or one that no certificate is good for. */
  get first(): SecureContext {
    // There is at least one.
    return (this.#all[0] as Certificate).context;
  }

  /** Returns the certificate for a host; a whole name is better than `*.suffix`, which stands for one label. */
  contextFor(host: string): SecureContext {
    const name = host.toLowerCase();
    const dot = name.indexOf('.');
    const suffix = dot < 0 ? '' : `*${name.slice(dot)}`;
    return this.#byName.get(name) ?? this.#byName.get(suffix) ?? this.first;
  }
}

/** Where two are good for the same name the first one is shown. */
function byName(all: readonly Certificate[]): ReadonlyMap<string, SecureContext> {
  const found = new Map<string, SecureContext>();
  for (const { names, context } of all) {
    for (const name of names) if (!found.has(name)) found.set(name, context);
  }
  return found;
}
