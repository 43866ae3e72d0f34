import { type NodeBytes, newBytes } from './node-bytes.ts';
import {
  endOfFile,
  errorName,
  type TcpHandle,
  type TcpHandles,
  type WriteRequest,
} from './tcp-handles.ts';
import { closedWell, unsentMost, type Wire, type WireUser } from './wire.ts';

/** All wires read into one buffer: its bytes are good only until the read returns. */
const shared = newBytes(64 * 1024);

/** A handle that a wire stands on. */
interface WiredHandle extends TcpHandle {
  wire: HandleWire;
}

/** One function serves all handles; it is called as their method. */
function onread(this: WiredHandle): void {
  this.wire.received();
}

function nothing(): void {}

/** A wire on the handle of a TCP socket: no stream, no events, reads into a shared buffer. */
export class HandleWire implements Wire {
  readonly remoteAddress: string;
  readonly isSecure = false;
  readonly #handles: TcpHandles;
  readonly #handle: TcpHandle;
  readonly #isOutgoing: boolean;
  #user: WireUser | undefined;
  #isOpen = true;
  #isReading = false;
  #isEnding = false;
  #needsDrain = false;
  /** Writes that the system has not finished. */
  #underWay = 0;
  #lastWrite: WriteRequest | undefined;
  /** A write has failed: nothing more is sent. */
  #writeFailed = false;
  /** The other side has sent its FIN: nothing more is received. */
  #hasEnded = false;

  private constructor(
    handles: TcpHandles,
    handle: TcpHandle,
    address: string,
    isOutgoing: boolean,
  ) {
    this.#handles = handles;
    this.#handle = handle;
    this.#isOutgoing = isOutgoing;
    this.remoteAddress = address;
    handle.useUserBuffer(shared);
    (handle as WiredHandle).wire = this;
    handle.onread = onread as TcpHandle['onread'];
  }

  /** Takes an accepted connection; `begin` starts it. */
  static accepted(handles: TcpHandles, handle: TcpHandle): HandleWire {
    const peer: { address?: string } = {};
    handle.getpeername(peer);
    return new HandleWire(handles, handle, peer.address ?? '', false);
  }

  /** Opens a connection to an address, which must be a literal one. */
  static connect(handles: TcpHandles, address: string, port: number, user: WireUser): HandleWire {
    const handle = handles.open();
    const wire = new HandleWire(handles, handle, address, true);
    wire.#user = user;
    handles.connect(handle, address, port, (status) => wire.#connected(status));
    return wire;
  }

  /** Begins to read for a user. */
  begin(user: WireUser): void {
    this.#user = user;
    this.resume();
  }

  handTo(user: WireUser): void {
    this.#user = user;
  }

  #connected(status: number): void {
    if (!this.#isOpen) return;
    if (status !== 0) {
      this.#lose(errorName(status));
      return;
    }
    this.#handle.setNoDelay(true);
    this.#handle.setKeepAlive(true, 60);
    this.resume();
    this.#user?.opened();
  }

  /** A read is reported. Called by the handle only. */
  received(): void {
    const bytes = this.#handles.received();
    const user = this.#user;
    if (user === undefined || !this.#isOpen) return;
    if (bytes > 0) {
      if (!user.read(shared, bytes)) this.pause();
    } else if (bytes === endOfFile) {
      this.#hasEnded = true;
      user.halfClosed();
    } else if (bytes < 0) {
      this.#lose(errorName(bytes));
    }
  }

  get unsentBytes(): number {
    return this.#underWay === 0 || !this.#isOpen ? 0 : this.#handle.writeQueueSize;
  }

  get keepsBytes(): boolean {
    return this.unsentBytes > 0;
  }

  get takenBytes(): number {
    return this.#handle.bytesWritten - this.unsentBytes;
  }

  get needsDrain(): boolean {
    return this.#needsDrain;
  }

  write(bytes: NodeBytes): boolean {
    if (!this.#isOpen || this.#writeFailed) return true;
    const result = this.#handles.write(this.#handle, bytes);
    if (result === 0) return !this.#needsDrain;
    if (typeof result === 'number') {
      this.#failedToWrite(result);
      return true;
    }
    this.#wait(result, bytes);
    return !this.#needsDrain;
  }

  /** The system has taken a part: the rest goes when there is room. */
  #wait(request: WriteRequest, bytes: NodeBytes): void {
    this.#underWay++;
    this.#lastWrite = request;
    // The request holds the bytes: nothing else keeps their memory from being given back.
    Object.assign(request, { bytes });
    request.oncomplete = (status) => this.#written(request, status);
    if (this.#handle.writeQueueSize >= unsentMost) this.#needsDrain = true;
    const { writeStatus } = request;
    if (typeof writeStatus === 'number') this.#written(request, writeStatus);
  }

  #written(request: WriteRequest, status: number): void {
    this.#underWay--;
    if (this.#lastWrite === request) this.#lastWrite = undefined;
    request.whenOver?.();
    if (!this.#isOpen) return;
    if (status !== 0) {
      this.#failedToWrite(status);
    } else if (this.#underWay === 0 && this.#needsDrain) {
      this.#needsDrain = false;
      this.#user?.drained();
    }
  }

  /**
   * The other side takes nothing more. Who has answered early and closed has sent its answer
   * before that: it is still to be read, and the end of reading tells the rest.
   */
  #failedToWrite(status: number): void {
    if (this.#writeFailed) return;
    this.#writeFailed = true;
    if (this.#isOutgoing && !this.#hasEnded) this.resume();
    else process.nextTick(() => this.#lose(errorName(status)));
  }

  whenTaken(done: () => void): void {
    const last = this.#lastWrite;
    if (last === undefined) {
      done();
      return;
    }
    const before = last.whenOver;
    last.whenOver = () => {
      before?.();
      done();
    };
  }

  pause(): void {
    if (!this.#isReading || !this.#isOpen) return;
    this.#isReading = false;
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#isReading || !this.#isOpen) return;
    this.#isReading = true;
    this.#handle.readStart();
  }

  end(): void {
    this.#shutdown(nothing);
  }

  #shutdown(done: () => void): void {
    if (!this.#isOpen || this.#isEnding) return;
    this.#isEnding = true;
    this.#handles.shutdown(this.#handle, done);
  }

  destroySoon(): void {
    if (!this.#isOpen) return;
    if (this.#underWay === 0) {
      this.#lose(closedWell);
    } else if (this.#isEnding) {
      this.whenTaken(() => this.#lose(closedWell));
    } else {
      this.#shutdown(() => this.#lose(closedWell));
    }
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#handle.close();
  }

  reset(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Not possible where FIN is on its way.
    if (this.#handle.reset() !== 0) this.#handle.close();
  }

  /** The connection ends by something else than its user's wish. */
  #lose(code: string): void {
    if (!this.#isOpen) return;
    this.destroy();
    this.#user?.closed(code);
  }
}
