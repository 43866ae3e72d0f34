import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { type HandshakeFailure, handshakeFailureOf } from '#core/exchange/handshake-failure';
import { answerText, failureAnswer } from './answer.ts';
import type { Certificates } from './certificates.ts';
import type { Timed } from './deadlines.ts';
import type { Shared } from './shared.ts';

/** Told once how a handshake has ended: with a socket that speaks TLS, or undefined. */
export type HandshakeEnded = (handshake: Handshake, secure: TLSSocket | undefined) => void;

const plainHttp = failureAnswer(400, 'plain_http', 'this port speaks TLS: use https');

/**
 * The connection of a client until TLS is agreed.
 *
 * Not by `tls.Server`, whose time limit begins anew with each byte and which tells of a
 * socket only when its handshake has ended.
 */
export class Handshake implements Timed {
  readonly peer: string;
  readonly #raw: Socket;
  readonly #secure: TLSSocket;
  readonly #shared: Shared;
  readonly #ended: HandshakeEnded;
  readonly #since: number;
  #isOver = false;

  constructor(raw: Socket, certificates: Certificates, shared: Shared, ended: HandshakeEnded) {
    this.peer = raw.remoteAddress ?? '';
    this.#raw = raw;
    this.#shared = shared;
    this.#ended = ended;
    this.#since = shared.deadlines.now;
    // Who leaves in the middle of a handshake has left; TLSSocket takes the wish from `raw`.
    raw.allowHalfOpen = false;
    const secure = new TLSSocket(raw, optionsOf(certificates));
    this.#secure = secure;
    // Its own throws: only a socket whose handle is TCP can be reset.
    secure.resetAndDestroy = () => {
      raw.resetAndDestroy();
      return secure;
    };
    secure.on('secure', () => this.#agreed());
    // After the handshake too: an error in the midst of TLS is told by this event alone.
    secure.on('_tlsError', (error: Error) => this.#broken(error));
    secure.on('close', () => this.#over('closed'));
    shared.deadlines.add(this);
  }

  tick(now: number): void {
    if (now - this.#since <= this.#shared.limits.handshakeMs) return;
    this.#over('timeout');
    this.#raw.destroy();
  }

  /** The process ends: a handshake goes on, its first answer ends the connection. */
  drain(): void {}

  /** It is too new for that. */
  letGo(): boolean {
    return false;
  }

  /** Closes the connection. No exchange is cut by that. */
  cut(): boolean {
    this.#over('closed');
    this.#raw.destroy();
    return false;
  }

  #agreed(): void {
    this.#isOver = true;
    this.#shared.deadlines.delete(this);
    this.#secure.allowHalfOpen = true;
    try {
      this.#ended(this, this.#secure);
    } catch (error) {
      this.#shared.ports.bug(error);
      this.#secure.destroy();
    }
  }

  #broken(error: Error & { readonly code?: string }): void {
    const reason = handshakeFailureOf(error.code ?? '');
    if (reason === 'plain_http' && !this.#isOver) this.#sayPlainly();
    this.#over(reason);
    this.#secure.destroy();
  }

  #sayPlainly(): void {
    const date = this.#shared.date.text;
    const to = { date, isHead: false, close: true, keepAliveAloud: false };
    this.#raw.write(answerText(plainHttp, to), 'latin1');
  }

  #over(reason: HandshakeFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#shared.deadlines.delete(this);
    this.#shared.ports.handshakeFailed(reason);
    this.#ended(this, undefined);
  }
}

function optionsOf(certificates: Certificates): TLSSocketOptions {
  const options: TLSSocketOptions = {
    isServer: true,
    secureContext: certificates.first,
    ALPNProtocols: ['http/1.1'],
  };
  if (certificates.count === 1) return options;
  return {
    ...options,
    SNICallback: (host, chosen) => chosen(null, certificates.contextFor(host)),
  };
}
