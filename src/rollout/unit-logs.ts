import type { Heard } from './shared.ts';

/**
 * Which log of units this is. Each leader goes on with a log of its own name, since what the one
 * before had added last nobody else may know: it says how much it has taken over of the log that
 * the evidence in the ledger names.
 */
export interface LogName {
  readonly id: string;
  readonly continues: { readonly id: string; readonly length: number } | undefined;
}

/** A part of a log, as it goes from the leader to the others. */
export interface LogPart extends LogName {
  readonly release: string;
  /** Where it begins, in bytes. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

interface Log {
  name: LogName;
  bytes: Uint8Array;
  length: number;
}

/** What is remembered of units, by release, alike on all replicas. */
export class UnitLogs {
  readonly #logs = new Map<string, Log>();

  /** Goes on with a log as its only writer, from what the evidence knows of it. */
  lead(release: string, id: string, heard: Heard | undefined): void {
    const log = this.#logs.get(release);
    const length = heard?.unitBytes ?? 0;
    if (log === undefined || length === 0 || heard === undefined || !this.knows(release, heard)) {
      this.#logs.set(release, newLog({ id, continues: undefined }));
      return;
    }
    log.length = length;
    log.name = { id, continues: { id: heard.log, length } };
  }

  /** Whether all units are known that some evidence is made of. */
  knows(release: string, { log: id, unitBytes }: Heard): boolean {
    if (unitBytes === 0) return true;
    const log = this.#logs.get(release);
    if (log === undefined || log.length < unitBytes) return false;
    const { name } = log;
    if (name.id === id) return true;
    return name.continues?.id === id && name.continues.length >= unitBytes;
  }

  /** Of the leader: adds to its log. */
  add(release: string, units: Uint8Array, id: string): void {
    const log = this.#logs.get(release) ?? newLog({ id, continues: undefined });
    this.#logs.set(release, log);
    append(log, units);
  }

  lengthOf(release: string): number {
    return this.#logs.get(release)?.length ?? 0;
  }

  /** Undefined where nothing is known of a release. */
  nameOf(release: string): LogName | undefined {
    return this.#logs.get(release)?.name;
  }

  bytesOf(release: string, from = 0, to = Number.POSITIVE_INFINITY): Uint8Array {
    const log = this.#logs.get(release);
    if (log === undefined) return new Uint8Array(0);
    return log.bytes.subarray(from, Math.min(to, log.length));
  }

  /** Takes over a part of another replica's log. Returns how much of that log is known now. */
  take({ release, id, continues, from, bytes }: LogPart): number {
    const name = { id, continues };
    let log = this.#logs.get(release);
    if (log === undefined || !goesOn(log, name)) {
      log = newLog(name);
      this.#logs.set(release, log);
    }
    if (from === log.length) append(log, bytes);
    return log.length;
  }

  releases(): readonly string[] {
    return [...this.#logs.keys()];
  }

  retain(releases: ReadonlySet<string>): void {
    for (const release of this.#logs.keys()) if (!releases.has(release)) this.#logs.delete(release);
  }
}

/** Whether a log is the beginning of another one: what it has beyond is cut off. */
function goesOn(log: Log, { id, continues }: LogName): boolean {
  const own = log.name;
  if (own.id === id) return true;
  const isIt = own.id === continues?.id;
  // Or both have gone on from the same one.
  const isLike = continues !== undefined && own.continues?.id === continues.id;
  if (!isIt && !isLike) return false;
  const ours = isIt ? log.length : Math.min(log.length, own.continues?.length ?? 0);
  log.length = Math.min(ours, continues?.length ?? 0);
  log.name = { id, continues };
  return true;
}

function newLog(name: LogName): Log {
  return { name, bytes: new Uint8Array(1_024), length: 0 };
}

function append(log: Log, units: Uint8Array): void {
  const length = log.length + units.length;
  if (length > log.bytes.length) {
    const grown = new Uint8Array(Math.max(length, log.bytes.length * 2));
    grown.set(log.bytes.subarray(0, log.length));
    log.bytes = grown;
  }
  log.bytes.set(units, log.length);
  log.length = length;
}
