import type { Agent } from 'undici';
import type { Introduction, Question } from '../cluster/peers.ts';
import { introductionIn } from './peer-json.ts';

/** An answer has the units of a second, a log of them comes in parts. */
const mostBytes = 64 * 1_048_576;
let agent: Agent | undefined;

/** Asks another replica at its admin listener, with the first token that is known there. */
export async function askPeer(
  { address, what, body, timeoutMs }: Question,
  tokens: () => Promise<readonly string[]>,
): Promise<Introduction> {
  const undici = await import('undici');
  agent ??= new undici.Agent({ connections: 4, keepAliveTimeout: 60_000 });
  const [token = ''] = await tokens();
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const answer = await undici.request(`http://${host}:${address.port}/api/v1/peers/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    dispatcher: agent,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await textOf(answer.body);
  if (answer.statusCode === 200) return introductionIn(JSON.parse(text));
  const { detail } = problemIn(text);
  throw new Error(`it answers ${answer.statusCode}${detail === undefined ? '' : `: ${detail}`}`);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error(`its answer has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function problemIn(text: string): { readonly detail: string | undefined } {
  try {
    const { detail } = JSON.parse(text);
    return { detail: typeof detail === 'string' ? detail : undefined };
  } catch {
    return { detail: undefined };
  }
}
