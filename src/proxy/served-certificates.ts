import { type Certificate, readCertificate } from './certificate.ts';
import { Certificates } from './certificates.ts';
import type { FileContent, FilesWatch, WatchFiles } from './watched-files.ts';

/** A certificate and its key, as they are configured. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
}

/** What became of a pair of files. */
export type CertificateOutcome =
  | { readonly kind: 'applied'; readonly file: string; readonly certificate: Certificate }
  | { readonly kind: 'refused'; readonly file: string; readonly message: string };

export interface CertificatePorts {
  readonly watch: WatchFiles;
  readonly log: (outcome: CertificateOutcome) => void;
  /** Wall clock, in milliseconds. */
  readonly now: () => number;
  /** What sessions are resumed with; the same in all processes that serve one port. */
  readonly ticketKeys: Buffer;
}

/** One pair: what is shown to clients, and what was wrong with its files last. */
class Served {
  readonly file: string;
  readonly counts = { applied: 0, refused: 0 };
  readonly #files: PairFiles;
  readonly #ports: CertificatePorts;
  readonly #applied: (certificate: Certificate) => void;
  certificate: Certificate | undefined;
  refusal: string | undefined;

  constructor(files: PairFiles, ports: CertificatePorts, applied: (one: Certificate) => void) {
    this.file = files.cert;
    this.#files = files;
    this.#ports = ports;
    this.#applied = applied;
  }

  take([cert, key]: readonly FileContent[]): boolean {
    if (cert === undefined || key === undefined) return false;
    const read = this.#read(cert, key);
    const kind = typeof read === 'string' ? 'refused' : 'applied';
    this.counts[kind]++;
    if (typeof read === 'string') {
      this.refusal = read;
      this.#ports.log({ kind: 'refused', file: this.file, message: read });
      return false;
    }
    this.refusal = undefined;
    this.certificate = read;
    this.#applied(read);
    this.#ports.log({ kind: 'applied', file: this.file, certificate: read });
    return true;
  }

  #read(cert: FileContent, key: FileContent): Certificate | string {
    if (cert.kind === 'trouble') return cert.message;
    if (key.kind === 'trouble') return key.message;
    const { now, ticketKeys } = this.#ports;
    const read = readCertificate({ cert: cert.bytes, key: key.bytes }, ticketKeys, now());
    return typeof read === 'string' ? `${this.#files.cert}, ${this.#files.key}: ${read}` : read;
  }
}

/** The certificates that clients are shown, and the watch over their files. */
export class ServedCertificates {
  readonly #served: readonly Served[];
  readonly #watches: readonly FilesWatch[];
  #certificates: Certificates | undefined;

  /** Call `open` before anything else. */
  constructor(pairs: readonly PairFiles[], ports: CertificatePorts) {
    this.#served = pairs.map(
      (files, index) =>
        new Served(files, ports, (certificate) => this.#certificates?.replace(index, certificate)),
    );
    this.#watches = this.#served.map((served, index) => {
      const { cert, key } = pairs[index] as PairFiles;
      return ports.watch([cert, key], (contents) => served.take(contents));
    });
  }

  /** Reads all files. Returns the certificates, or all that is wrong with them. */
  async open(): Promise<Certificates | readonly string[]> {
    await Promise.all(this.#watches.map((watch) => watch.look()));
    const refusals = this.#served.flatMap(({ refusal = [] }) => refusal);
    const [first, ...others] = this.#served.flatMap(({ certificate = [] }) => certificate);
    if (refusals.length > 0 || first === undefined) return refusals;
    this.#certificates = new Certificates([first, ...others]);
    return this.#certificates;
  }

  /** Returns what is known of each pair, for metrics and readiness. */
  status() {
    return this.#served.map(({ file, certificate, refusal, counts }) => ({
      file,
      expiresAt: certificate?.expiresAt ?? 0,
      refusal,
      counts,
    }));
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }
}
