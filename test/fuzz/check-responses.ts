import { type UnderstoodResponse, understandResponse } from '../support/understand-response.ts';
import { readByNodeClient } from './node-client.ts';

export interface CheckedResponse {
  /** What is wrong; undefined if nothing is. */
  readonly fault: string | undefined;
  readonly understood: UnderstoodResponse;
}

/** Checks that a response is not believed, or means to Node's client what it means to us. */
export async function checkResponse(
  text: string,
  method: 'GET' | 'HEAD',
): Promise<CheckedResponse> {
  const understood = understandResponse(text, method === 'HEAD');
  return { understood, fault: await faultByNode(text, method, understood) };
}

async function faultByNode(
  text: string,
  method: 'GET' | 'HEAD',
  { final, body, end, at }: UnderstoodResponse,
): Promise<string | undefined> {
  if (end === 'refused' || final === undefined) return undefined;
  const read = await readByNodeClient(
    Buffer.from(text.slice(0, end === 'short' ? undefined : at), 'latin1'),
    method,
  );
  // Node may be stricter than we are: then nobody is misled.
  if (read.status === 0) return undefined;
  const isWhole = end !== 'short';
  const isSame = read.status === final.status && read.body === body && read.isWhole === isWhole;
  return isSame
    ? undefined
    : `Node reads ${JSON.stringify(read)} of ${JSON.stringify(text)} instead of ${JSON.stringify({ final, body, end })}`;
}
