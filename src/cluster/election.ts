import { ApiError, type ObjectStore, resources } from '#core/kubernetes/api';
import type { Lease } from '#core/kubernetes/objects';

/** Lease > deadline > retry × 1.2, or two may act at once. */
export interface LeaseTimes {
  /** How long others must see no change before one of them takes over. */
  readonly leaseMs: number;
  /** How long after its last renewal began the leader may act. */
  readonly deadlineMs: number;
  /** Between two tries, up to a fifth longer. */
  readonly retryMs: number;
}

/** Returns the times that go with a lease: those of Kubernetes for 15 s. */
export function leaseTimes(leaseMs: number): LeaseTimes {
  return { leaseMs, deadlineMs: (leaseMs * 2) / 3, retryMs: (leaseMs * 2) / 15 };
}

export interface ElectionPorts {
  readonly store: Pick<ObjectStore, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Of this process alone: another process of the same replica is somebody else. */
  readonly identity: string;
  readonly times: LeaseTimes;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970: what others may read, and nobody compares. */
  readonly wallNow: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Does something later; returns what calls that off. */
  readonly after: (ms: number, act: () => void) => () => void;
  /** Told that this replica leads now, under which term; or does no more, with undefined. */
  readonly changed: (term: number | undefined) => void;
  readonly troubled: (error: unknown) => void;
}

/**
 * Elects one of several replicas by a Lease.
 *
 * Nobody compares the times in it with a clock: who wants to take over waits for a whole lease,
 * by its own clock, in which the object did not change. Who leads stops by its own clock before
 * that can be over for anybody, whether or not it hears anything.
 */
export class Election {
  readonly #ports: ElectionPorts;
  #seen: { readonly lease: Lease; readonly at: number } | undefined;
  #term: number | undefined;
  #leastTerm = 0;
  /** When the last renewal that came through had begun. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => {};
  #trying: Promise<void> | undefined;
  #isClosed = false;

  constructor(ports: ElectionPorts) {
    this.#ports = ports;
  }

  start(): void {
    void this.#again();
  }

  /** Whether this replica may act as the leader: to be asked right before each act. */
  mayAct(): boolean {
    if (this.#term === undefined) return false;
    if (this.#ports.now() - this.#renewedAt < this.#ports.times.deadlineMs) return true;
    this.#stop();
    return false;
  }

  /** The term this replica leads under; undefined where it does not. */
  get term(): number | undefined {
    return this.mayAct() ? this.#term : undefined;
  }

  /** Who holds the lease, as far as is known; undefined: nobody does. */
  get holder(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity || undefined;
  }

  /** How long the lease has not been seen to change; undefined: it was never seen. */
  get unchangedMs(): number | undefined {
    return this.#seen && this.#ports.now() - this.#seen.at;
  }

  /** Whether somebody holds it who has renewed it within the time of a lease. */
  get isHeld(): boolean {
    const unchangedMs = this.unchangedMs;
    return (
      this.holder !== undefined &&
      unchangedMs !== undefined &&
      unchangedMs < this.#ports.times.leaseMs
    );
  }

  /**
   * Sees to it that terms are beyond this one, and leads under the next: where the Lease was
   * deleted they would begin anew. Resolves with the term; rejects where it cannot be written.
   */
  async beyond(term: number): Promise<number> {
    this.#leastTerm = Math.max(this.#leastTerm, term + 1);
    const own = this.term;
    if (own === undefined) throw new Error('this replica does not lead any more');
    if (own >= this.#leastTerm) return own;
    await this.#try();
    const raised = this.term;
    if (raised === undefined || raised < this.#leastTerm) {
      throw new Error('the lease could not be raised to a new term');
    }
    return raised;
  }

  /** Tries to get the lease or to keep it; one try at a time. Never rejects. */
  #try(): Promise<void> {
    const trying = (this.#trying ?? Promise.resolve()).then(() => this.#tryNow());
    this.#trying = trying.catch((error) => {
      // Somebody was faster: what it has written is seen at the next try.
      if (!(error instanceof ApiError && error.isConflict)) this.#ports.troubled(error);
    });
    return this.#trying;
  }

  async #again(): Promise<void> {
    await this.#try();
    this.mayAct();
    if (this.#isClosed) return;
    const { after, random, times } = this.#ports;
    this.#cancel = after(times.retryMs * (1 + random() / 5), () => void this.#again());
  }

  async #tryNow(): Promise<void> {
    if (this.#isClosed) return;
    const { store, namespace, name, now } = this.#ports;
    const beganAt = now();
    const found = await store.get<Lease>(resources.leases, namespace, name);
    if (found === undefined) {
      const lease = { ...typeOfLease, metadata: { name, namespace } };
      const record = this.#record(undefined);
      this.#took(await store.create(resources.leases, namespace, { ...lease, ...record }), beganAt);
      return;
    }
    this.#see(found);
    if (!this.#isOurs(found) && !this.#isFree(found)) {
      if (this.#term !== undefined) this.#stop();
      return;
    }
    const lease = { ...found, ...this.#record(found) };
    this.#took(await store.replace(resources.leases, namespace, lease), beganAt);
  }

  /** Notes when the lease was first seen as it is. */
  #see(lease: Lease): void {
    const version = lease.metadata.resourceVersion;
    if (version !== undefined && version === this.#seen?.lease.metadata.resourceVersion) return;
    this.#seen = { lease, at: this.#ports.now() };
  }

  #isOurs({ spec }: Lease): boolean {
    return spec?.holderIdentity === this.#ports.identity;
  }

  /** Nobody holds it, or whoever does has not renewed it for as long as it said. */
  #isFree({ spec }: Lease): boolean {
    if (!spec?.holderIdentity) return true;
    const said = spec.leaseDurationSeconds;
    const leaseMs = said ? said * 1_000 : this.#ports.times.leaseMs;
    return (this.unchangedMs ?? 0) >= leaseMs;
  }

  /** Returns the lease as this replica holds it: under a new term, unless it leads already. */
  #record(found: Lease | undefined): Pick<Lease, 'spec'> {
    const { identity, times, wallNow } = this.#ports;
    const leads = this.#term !== undefined && found !== undefined && this.#isOurs(found);
    const before = found?.spec?.leaseTransitions ?? 0;
    const wanted = Math.max(leads ? before : before + 1, this.#leastTerm);
    const now = microTime(wallNow());
    const acquireTime = leads ? (found.spec?.acquireTime ?? now) : now;
    return {
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(times.leaseMs / 1_000),
        acquireTime,
        renewTime: now,
        leaseTransitions: wanted,
      },
    };
  }

  #took(lease: Lease, beganAt: number): void {
    this.#seen = { lease, at: this.#ports.now() };
    const term = lease.spec?.leaseTransitions ?? 0;
    this.#renewedAt = beganAt;
    if (this.#isClosed || this.#term === term) return;
    this.#term = term;
    // The answer may have come when the deadline was over already.
    if (this.mayAct()) this.#ports.changed(term);
  }

  #stop(): void {
    if (this.#term === undefined) return;
    this.#term = undefined;
    this.#ports.changed(undefined);
  }

  /** Stops acting at once; `release` then lets others have the lease. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#stop();
  }

  /** Gives the lease back, where it is held: after `close`, when the last act is over. */
  async release(): Promise<void> {
    await this.#trying;
    const { store, namespace, wallNow } = this.#ports;
    const lease = this.#seen?.lease;
    if (lease === undefined || !this.#isOurs(lease)) return;
    const now = microTime(wallNow());
    const spec = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    const { leaseTransitions } = lease.spec ?? {};
    try {
      await store.replace(resources.leases, namespace, {
        ...lease,
        spec: { ...spec, leaseTransitions: leaseTransitions ?? 0 },
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.isConflict)) this.#ports.troubled(error);
    }
  }
}

const typeOfLease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;

/** `2026-01-02T03:04:05.000000Z`: the API takes six digits of a second and nothing else. */
function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
