import type { Scheme } from '#core/conditions/when';
import { clientAddress } from '#core/http1/client-address';
import { clientScheme } from '#core/http1/client-scheme';
import { stripDoubtful, stripHopByHop, stripUntrusted } from '#core/http1/request-head';
import type { Peer } from './client.ts';
import type { Shared } from './shared.ts';

/**
 * Takes out of the head that was scanned what does not go further than to us, and reads the
 * facts that rules are compared with.
 */
export function identify(
  { requestHead, facts, ports }: Pick<Shared, 'requestHead' | 'facts' | 'ports'>,
  { peer, isTrusted, isHttps }: Peer,
  fieldNames: ReadonlySet<string>,
): void {
  stripHopByHop(requestHead, fieldNames);
  let client = peer;
  let scheme: Scheme = isHttps ? 'https' : 'http';
  if (isTrusted) {
    stripDoubtful(requestHead);
    client = clientAddress(peer, requestHead.fieldText('x-forwarded-for'), ports.trusts);
    scheme = clientScheme(requestHead, scheme);
  } else {
    stripUntrusted(requestHead, fieldNames);
  }
  facts.take(client, scheme);
}
