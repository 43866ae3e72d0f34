import type { Introduction, Peers } from './peers.ts';

export interface AgreementPorts {
  readonly peers: Pick<Peers, 'living'>;
  /** What this replica has in force. */
  readonly own: () => Pick<Introduction, 'hash' | 'weights'>;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * How long replicas may differ until that is more than a delay: in their documents, which a volume
 * brings late, and in their weights, which the ledger brings at once.
 */
const documentsDifferMs = 120_000;
const weightsDifferMs = 5_000;

/** Whether all replicas that are heard have had the same in force lately. */
export class Agreement {
  readonly #ports: AgreementPorts;
  #differsSince: number | undefined;

  constructor(ports: AgreementPorts) {
    this.#ports = ports;
  }

  /** A moment in which they differ is how news travels. */
  isThere(): boolean {
    const { peers, own, now } = this.#ports;
    const { hash, weights } = own();
    // Who does not answer now says nothing: what it had is not what it has.
    const others = peers.living().filter(({ trouble }) => trouble === undefined);
    const isSameDocument = others.every(({ known }) => known?.hash === hash);
    if (isSameDocument && others.every(({ known }) => known?.weights === weights)) {
      this.#differsSince = undefined;
    } else this.#differsSince ??= now();
    const since = this.#differsSince;
    const mostMs = isSameDocument ? weightsDifferMs : documentsDifferMs;
    return since === undefined || now() - since < mostMs;
  }
}
