import { randomBytes } from 'node:crypto';
import type { TunnelEnd } from '#core/exchange/labels';
import { closeFrame } from '#core/websocket/close-frame';
import { Flow, type FlowUser } from './flow.ts';
import type { NodeBytes } from './node-bytes.ts';
import { closedWell, type Wire } from './wire.ts';

const never = Number.POSITIVE_INFINITY;
const closeForClients = Buffer.from(closeFrame(undefined)) as NodeBytes;

/** The exchange that has become a tunnel. */
export interface TunnelUser {
  /** Bytes have passed, from the client and to it, since this was last said. */
  tunnelled(bytesIn: number, bytesOut: number): void;
  /** The tunnel is over: both connections are closed. */
  tunnelOver(end: TunnelEnd): void;
  bug(error: unknown): void;
}

/**
 * Two connections joined behind a 101: bytes both ways as they come, each way at the pace of who
 * takes them. FIN is passed on as FIN, and a reset as a reset.
 */
export class Tunnel implements FlowUser {
  readonly #client: Wire;
  readonly #upstream: Wire;
  readonly #idleMs: number;
  readonly #user: TunnelUser;
  readonly #fromClient: Flow;
  readonly #fromUpstream: Flow;
  #closedWell = 0;
  #isOver = false;
  /** Why we end it; undefined as long as we do not. */
  #reason: TunnelEnd | undefined;
  /** Instants of the coarse clock. */
  #activeAt: number;
  #closeAt = never;
  #cutAt = never;
  #saidIn = 0;
  #saidOut = 0;

  /** `idleMs`: how long it may stand still; 0 for ever. */
  constructor(client: Wire, upstream: Wire, idleMs: number, user: TunnelUser, now: number) {
    this.#client = client;
    this.#upstream = upstream;
    this.#idleMs = idleMs;
    this.#user = user;
    this.#fromClient = new Flow(client, upstream, this);
    this.#fromUpstream = new Flow(upstream, client, this);
    this.#activeAt = now;
  }

  /**
   * Takes both connections over: `early` has come from the client behind its request, and bytes
   * from `start` to `end` from the upstream behind its 101.
   */
  begin(early: NodeBytes, bytes: NodeBytes, start: number, end: number): void {
    this.#fromUpstream.begin(bytes, start, end);
    this.#fromClient.begin(early, 0, early.length);
    // What was held may have been too much to read on.
    this.#client.resume();
  }

  tick(now: number): void {
    if (this.#saysBytes()) this.#activeAt = now;
    if (this.#idleMs > 0 && now - this.#activeAt > this.#idleMs) this.#end('idle_timeout');
    else if (now > this.#cutAt) this.cut(this.#reason ?? 'cut');
    else if (now > this.#closeAt) this.#sayClose();
  }

  /** Says Close to both sides at an instant, and resets what is left at another one. */
  close(reason: TunnelEnd, closeAt: number, cutAt: number): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#closeAt = closeAt;
    this.#cutAt = cutAt;
  }

  /** Resets both connections. */
  cut(end: TunnelEnd): void {
    this.#end(end);
  }

  #sayClose(): void {
    this.#closeAt = never;
    this.#fromUpstream.close(closeForClients);
    this.#fromClient.close(Buffer.from(closeFrame(randomBytes(4))) as NodeBytes);
    this.tookWhileClosing();
  }

  tookWhileClosing(): void {
    const { isClosed: isUpstreamTold, hasSaidClose: hasClientSaid } = this.#fromClient;
    const { isClosed: isClientTold, hasSaidClose: hasUpstreamSaid } = this.#fromUpstream;
    if (isClientTold && hasClientSaid) this.#client.end();
    if (isUpstreamTold && hasUpstreamSaid) this.#upstream.end();
  }

  ended(): void {
    if (!this.#haveBothEnded) return;
    this.#client.destroySoon();
    this.#upstream.destroySoon();
  }

  get #haveBothEnded(): boolean {
    return this.#fromClient.hasEnded && this.#fromUpstream.hasEnded;
  }

  lost(flow: Flow, code: string): void {
    if (!this.#haveBothEnded || code !== closedWell) {
      this.#end(this.#reason ?? (flow === this.#fromClient ? 'client_lost' : 'upstream_lost'));
    } else if (++this.#closedWell === 2) this.#end(this.#reason ?? 'closed');
  }

  bug(error: unknown): void {
    this.#user.bug(error);
  }

  /** Says which bytes have passed. Returns whether there were any. */
  #saysBytes(): boolean {
    const bytesIn = this.#fromClient.bytes - this.#saidIn;
    const bytesOut = this.#fromUpstream.bytes - this.#saidOut;
    if (bytesIn + bytesOut === 0) return false;
    this.#saidIn += bytesIn;
    this.#saidOut += bytesOut;
    this.#user.tunnelled(bytesIn, bytesOut);
    return true;
  }

  #end(end: TunnelEnd): void {
    // One end brings about others: it is told once.
    if (this.#isOver) return;
    this.#isOver = true;
    this.#saysBytes();
    this.#client.reset();
    this.#upstream.reset();
    this.#user.tunnelOver(end);
  }
}
