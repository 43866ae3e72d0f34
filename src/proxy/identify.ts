import { clientAddress } from '#core/http1/client-address';
import { stripHopByHop, stripUntrusted } from '#core/http1/request-head';
import type { Peer } from './client.ts';
import type { Shared } from './shared.ts';

/**
 * Takes out of the head that was scanned what does not go further than to us, and reads the
 * facts that rules are compared with.
 */
export function identify(
  { requestHead, facts, ports }: Pick<Shared, 'requestHead' | 'facts' | 'ports'>,
  { peer, isTrusted }: Peer,
  fieldNames: ReadonlySet<string>,
): void {
  stripHopByHop(requestHead, fieldNames);
  let client = peer;
  if (isTrusted) {
    client = clientAddress(peer, requestHead.fieldText('x-forwarded-for'), ports.trusts);
  } else {
    stripUntrusted(requestHead, fieldNames);
  }
  facts.take(client);
}
