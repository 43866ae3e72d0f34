import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Route } from '#core/routing/route';
import type { UpstreamTls } from '#core/routing/rules';

/** The files that TLS settings name, and the context they make. */
export class TlsFiles {
  readonly #names: readonly (string | undefined)[];
  #read: readonly (Buffer | undefined)[] = [];
  #context: SecureContext | undefined;

  constructor(tls: UpstreamTls | undefined) {
    this.#names = [tls?.ca, tls?.cert, tls?.key];
  }

  /** Reads them anew: another context only where they changed. Rejects where one is of no use. */
  async context(): Promise<SecureContext> {
    const read = await Promise.all(
      this.#names.map((name) => (name === undefined ? undefined : readFile(name))),
    );
    if (this.#context !== undefined && read.every((file, i) => areEqual(file, this.#read[i]))) {
      return this.#context;
    }
    const [ca, cert, key] = read;
    // Authorities that are none would be taken for an empty list.
    if (ca !== undefined) new X509Certificate(ca);
    this.#context = createSecureContext({ ca, cert, key, minVersion: 'TLSv1.2' });
    this.#read = read;
    return this.#context;
  }
}

/** Returns what is wrong with the files that routes name; undefined where nothing is. */
export async function troubleWithTls(routes: readonly Route[]): Promise<string | undefined> {
  const named = routes.flatMap(({ name, rule }) =>
    rule.versions
      .filter(({ tls }) => tls !== undefined)
      .map((version) => ({ route: name, version })),
  );
  for (const { route, version } of named) {
    const trouble = await troubleOf(new TlsFiles(version.tls));
    if (trouble !== undefined)
      return `tls of version "${version.name}" of route "${route}": ${trouble}`;
  }
  return undefined;
}

async function troubleOf(files: TlsFiles): Promise<string | undefined> {
  try {
    await files.context();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function areEqual(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
