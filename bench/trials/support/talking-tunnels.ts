import {
  closeFrame,
  frame,
  goingAway,
  opcode,
  openWebSocket,
  serveWebSockets,
} from './websocket.ts';

const sayMs = 500;
const word = Buffer.from('still here');

/** How WebSockets have ended that a drain should have closed. */
export interface Endings {
  opened: number;
  /** Told 1001 by a Close, before anything else happened. */
  toldToGo: number;
  /** The origin's side was told the same. */
  originsTold: number;
  echoes: number;
  readonly otherwise: string[];
}

/** Serves WebSockets that say again what they hear, and answer a Close. */
export function serveEchoes(after: (act: () => void) => void, endings: Endings): Promise<number> {
  return serveWebSockets(after, ({ socket, frames, begin }) => {
    frames.onFrame = (code, payload) => {
      if (code === opcode.text) socket.write(frame(opcode.text, word, false));
      if (code !== opcode.close) return;
      if (payload.readUInt16BE(0) === goingAway) endings.originsTold++;
      socket.end(closeFrame(goingAway, false));
    };
    begin();
  });
}

/** Opens a WebSocket that talks until it is told to go. Resolves when it has ended. */
export async function talkUntilTold(port: number, endings: Endings): Promise<void> {
  const peer = await openWebSocket(port, '/chat');
  if (peer === undefined) {
    endings.otherwise.push('was not opened');
    return;
  }
  endings.opened++;
  const { socket, frames, begin } = peer;
  let told = 0;
  const timer = setInterval(() => socket.write(frame(opcode.text, word, true)), sayMs);
  frames.onFrame = (code, payload) => {
    if (code === opcode.text) endings.echoes++;
    if (code !== opcode.close) return;
    told = payload.readUInt16BE(0);
    clearInterval(timer);
    socket.end(closeFrame(goingAway, true));
  };
  begin();
  let lostBy = 'ended';
  socket.on('error', (error) => {
    lostBy = error.message;
  });
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
  clearInterval(timer);
  if (told === goingAway) endings.toldToGo++;
  else endings.otherwise.push(`${told === 0 ? lostBy : told}`);
}
