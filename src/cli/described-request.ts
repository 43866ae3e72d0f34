import { parseAddress } from '#core/address/parse-address';
import type { DescribedRequest } from './request-facts.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** The flags by which `turnout explain` describes a request; they are curl's where it has them. */
export interface RequestFlags {
  readonly request?: string;
  readonly header?: readonly string[];
  readonly cookie?: readonly string[];
  readonly ua?: string;
  readonly client: string;
}

/** Returns the request that a URL and flags describe; throws `Trouble` where they do not. */
export function describedRequest(url: string, flags: RequestFlags): DescribedRequest {
  checkFlags(flags);
  if (!/^(?:https?:\/\/[^/?#]|\/)/i.test(url)) {
    throw wrong(`the URL must be http://host/path or /path, got "${url}"`);
  }
  const [, authority = 'localhost', target = '/'] =
    /^(?:https?:\/\/([^/?#]+))?([/?][^#]*)?(?:#.*)?$/i.exec(url) ?? [];
  return {
    scheme: /^https:/i.test(url) ? 'https' : 'http',
    method: flags.request ?? 'GET',
    authority,
    target: escaped(target.startsWith('?') ? `/${target}` : target),
    headers: headersOf(flags),
    client: flags.client,
  };
}

function checkFlags({ client, header = [], cookie = [] }: RequestFlags): void {
  if (parseAddress(client) === undefined)
    throw wrong(`--client must be an address, got "${client}"`);
  for (const line of header) {
    if (!/^[^:\s]+:/.test(line)) throw wrong(`-H must be "name: value", got "${line}"`);
  }
  for (const pair of cookie) {
    if (!pair.includes('=')) throw wrong(`--cookie must be "name=value", got "${pair}"`);
  }
}

function headersOf({ header = [], cookie = [], ua }: RequestFlags): readonly string[] {
  const headers = [...header];
  if (ua !== undefined) headers.push(`user-agent: ${ua}`);
  if (cookie.length > 0) headers.push(`cookie: ${cookie.join('; ')}`);
  return headers;
}

/** What browsers escape before they send it; all else stays as it is typed. */
function escaped(target: string): string {
  return target.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

function wrong(message: string): Trouble {
  return new Trouble(exitCodes.wrongUse, message);
}
