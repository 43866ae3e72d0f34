import { RequestHead } from '#core/http1/request-head';
import { ResponseHead } from '#core/http1/response-head';
import type { ReadingBy } from './borrowed-reads.ts';
import { Deadlines } from './deadlines.ts';
import { Fleets, type InForce } from './fleets.ts';
import { HttpDate } from './http-date.ts';
import { Mirrors } from './mirrors.ts';
import { Overload } from './overload.ts';
import { Pools } from './pool.ts';
import type { Limits, Ports } from './ports.ts';
import { RequestFacts } from './request-facts.ts';
import { RequestWriter } from './request-writer.ts';
import { ResponseWriter } from './response-writer.ts';
import { Tunnels } from './tunnels.ts';
import { Waiting } from './waiting.ts';

/** What all connections of a proxy share. */
export interface Shared {
  readonly ports: Ports;
  readonly deadlines: Deadlines;
  readonly date: HttpDate;
  readonly pools: Pools;
  readonly tunnels: Tunnels;
  readonly fleets: Fleets;
  /**
   * Taken once per exchange, so that a reload cannot split one; undefined before the first
   * snapshot.
   */
  inForce: InForce | undefined;
  readonly reading: ReadingBy;
  readonly limits: Limits;
  /**
   * One head is worked on at a time, so that one object of each kind serves all connections:
   * with hundreds of them most of a request's time went into fetching their own ones from
   * memory (bench/load). They hold the head that was scanned last, and nothing after a read
   * has returned: what an exchange needs later it copies.
   */
  readonly requestHead: RequestHead;
  readonly facts: RequestFacts;
  readonly responseHead: ResponseHead;
  readonly requestWriter: RequestWriter;
  readonly responseWriter: ResponseWriter;
  readonly mirrors: Mirrors;
  readonly overload: Overload;
  /** Every answer says `Connection: close`. */
  isDraining: boolean;
  /** The port is closed and the process about to end: no request waits for a version any more. */
  isClosed: boolean;
  /** Requests waiting for a version that cannot serve yet. */
  held: number;
  readonly waiting: Waiting;
  /** When the present read from an upstream came; 0 where nobody has asked yet. */
  readAt: number;
}

export function newShared(ports: Ports, limits: Limits, reading: ReadingBy): Shared {
  const requestHead = new RequestHead();
  const facts = new RequestFacts(requestHead);
  const deadlines = new Deadlines(ports.now);
  const pools = new Pools();
  const fleets = new Fleets({ ports, pools, deadlines, processes: limits.processes });
  deadlines.add(fleets);
  const date = new HttpDate(ports.assign.epochMs, deadlines);
  const shared: Shared = {
    ports,
    deadlines,
    date,
    pools,
    fleets,
    inForce: undefined,
    tunnels: new Tunnels(ports.assign.random),
    reading,
    limits,
    requestHead,
    facts,
    responseHead: new ResponseHead(),
    requestWriter: new RequestWriter(requestHead, facts),
    responseWriter: new ResponseWriter(ports, date),
    mirrors: new Mirrors(() => shared),
    overload: new Overload(ports.strain, limits.strain, ports.shedding),
    isDraining: false,
    isClosed: false,
    held: 0,
    waiting: new Waiting(),
    readAt: 0,
  };
  return shared;
}

/** Whether connections end with their next answer. */
export function endsConnections({ isDraining, overload }: Shared): boolean {
  return isDraining || overload.sheds('keep-alive');
}
