import type { ConfigMapLedger } from './configmap-ledger.ts';
import type { Election } from './election.ts';

/**
 * Writes the term before anything else: what was decided under an older one comes too late. Resolves
 * with the term that this replica leads under; rejects where it does not lead any more.
 */
export async function claimTerm<Kept>(
  ledger: Pick<ConfigMapLedger<Kept>, 'latest' | 'write'>,
  election: Pick<Election, 'term' | 'beyond' | 'mayAct'>,
): Promise<number> {
  for (;;) {
    const { kept, version, term: before } = ledger.latest();
    const own = election.term;
    if (own === undefined) throw new Error('this replica does not lead any more');
    const term = before < own ? own : await election.beyond(before);
    const mayWrite = () => election.mayAct();
    if ((await ledger.write(kept, version, { term, mayWrite })) !== undefined) return term;
  }
}
