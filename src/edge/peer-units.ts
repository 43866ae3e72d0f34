import { type Introduction, keyOf, type Peer, type Peers } from '../cluster/peers.ts';
import type { Heard } from '../rollout/shared.ts';
import type { LogName, LogPart, UnitLogs } from '../rollout/unit-logs.ts';
import { numberIn, textIn } from './peer-json.ts';

/** As base64 it is below what an admin listener takes in a body. */
const partBytes = 524_288;
const fetchMs = 2_000;
/** More than there can be units of a release, each with all of its marks one by one. */
const mostParts = 1_000;

/**
 * Gives the other replicas what they lack of the logs of units. Resolves when all that live have
 * them, or when the time is over: who lacks some then does not go on with the evidence.
 */
export async function spreadUnits(
  units: UnitLogs,
  peers: Peers,
  term: number,
  withinMs: number,
): Promise<void> {
  const until = performance.now() + withinMs;
  const releases = units.releases().filter((release) => units.lengthOf(release) > 0);
  await Promise.all(
    peers.living().map(async (peer) => {
      if (peer.trouble !== undefined) return;
      for (const release of releases) await spreadTo(peer, { release, term, units, peers, until });
    }),
  );
}

/** What is known of how much a replica has of which log. */
const known = new WeakMap<Peers, Map<string, { readonly id: string; readonly length: number }>>();

interface Spreading {
  readonly release: string;
  /** Of the leader who gives it. */
  readonly term: number;
  readonly units: UnitLogs;
  readonly peers: Peers;
  readonly until: number;
}

async function spreadTo(peer: Peer, spreading: Spreading): Promise<void> {
  const { release, term, units, peers, until } = spreading;
  const places = known.get(peers) ?? new Map();
  known.set(peers, places);
  const place = `${keyOf(peer.address)} ${peer.known?.epoch} ${release}`;
  const name = units.nameOf(release);
  if (name === undefined) return;
  const last = places.get(place);
  // Who is not known to have any of this log is asked with nothing.
  let from: number | undefined = last?.id === name.id ? last.length : undefined;
  try {
    while (from !== units.lengthOf(release) && performance.now() < until) {
      const bytes =
        from === undefined ? new Uint8Array(0) : units.bytesOf(release, from, from + partBytes);
      const part = { ...partJson({ ...name, release, from: from ?? 0, bytes }), term };
      const answer = await peers.ask(peer, 'units', part, Math.max(50, until - performance.now()));
      from = lengthIn(answer);
      places.set(place, { id: name.id, length: from });
    }
  } catch {
    places.delete(place);
  }
}

/** Gets a log of units from whichever replica has what some evidence is made of. */
export async function fetchUnits(
  units: UnitLogs,
  peers: Peers,
  release: string,
  heard: Heard,
): Promise<void> {
  for (const peer of peers.all()) {
    try {
      await fetchFrom(peer, peers, units, release, heard);
    } catch {
      // The next one may have it.
    }
    if (units.knows(release, heard)) return;
  }
}

async function fetchFrom(
  peer: Peer,
  peers: Peers,
  units: UnitLogs,
  release: string,
  heard: Heard,
): Promise<void> {
  let from = 0;
  for (let parts = 0; parts < mostParts && from < heard.unitBytes; parts++) {
    const answer = await peers.ask(peer, 'units-of', { release, from }, fetchMs);
    const { term: _, ...part } = readUnitsPart({ ...answer, release, from });
    const length = units.take(part);
    if (part.bytes.length === 0 || length <= from) return;
    from = length;
  }
}

/** Returns a part of a log, as another replica asks for it. */
export function unitsPartJson(units: UnitLogs, body: unknown): object {
  const { release, from } = readPlace(body);
  const name: LogName = units.nameOf(release) ?? { id: '', continues: undefined };
  const bytes = units.bytesOf(release, from, from + partBytes);
  return partJson({ ...name, release, from, bytes });
}

function partJson({ bytes, ...part }: LogPart): object {
  return { ...part, bytes: Buffer.from(bytes).toString('base64') };
}

/** Reads a part of a log. Throws where it is none. */
export function readUnitsPart(body: unknown): LogPart & { readonly term: number } {
  const { release, from } = readPlace(body);
  const fields = new Map(Object.entries(body ?? {}));
  const continues = fields.get('continues');
  const bytes = Buffer.from(String(fields.get('bytes') ?? ''), 'base64');
  if (bytes.length % 8 !== 0) throw new TypeError('a part of a log has 8 bytes for each unit');
  return {
    release,
    from,
    term: numberIn(fields.get('term'), 'term'),
    id: textIn(fields.get('id'), 'id'),
    continues: continues === undefined || continues === null ? undefined : namedIn(continues),
    bytes,
  };
}

function namedIn(value: object): { readonly id: string; readonly length: number } {
  const fields = new Map(Object.entries(value));
  return {
    id: textIn(fields.get('id'), 'id'),
    length: numberIn(fields.get('length'), 'length'),
  };
}

function readPlace(body: unknown): { readonly release: string; readonly from: number } {
  if (typeof body !== 'object' || body === null) throw new TypeError('the body must be an object');
  const fields = new Map(Object.entries(body));
  return {
    release: textIn(fields.get('release'), 'release'),
    from: numberIn(fields.get('from'), 'from'),
  };
}

function lengthIn(answer: Introduction): number {
  return numberIn(new Map(Object.entries(answer)).get('length'), 'length');
}
