import type { Family } from './family.ts';

/** What is known of the replicas of a Turnout. */
export interface ReplicaFacts {
  readonly isLeader: boolean;
  /** How long nobody has moved the rollouts; 0: somebody does. */
  readonly leaderlessMs: number;
  /** This one included. */
  readonly replicas: { readonly heard: number; readonly silent: number };
  /** Of this process to the ledger. */
  readonly writes: {
    readonly written: number;
    readonly conflicts: number;
    readonly failures: number;
  };
  /** Batches of counts that were thrown away because nobody has read them. */
  readonly dropped: number;
}

/** Returns the metrics of replicas; without a value where a process is alone. */
export function replicaFamilies(facts: () => ReplicaFacts | undefined): readonly Family[] {
  const one = (read: (facts: ReplicaFacts) => number) => () => {
    const known = facts();
    return [known === undefined ? [] : [{ value: read(known), labels: {} }]];
  };
  const labelled =
    (label: string, read: (facts: ReplicaFacts) => Readonly<Record<string, number>>) => () => {
      const known = facts();
      const values = known === undefined ? [] : Object.entries(read(known));
      return [values.map(([word, value]) => ({ value, labels: { [label]: word } }))];
    };
  return [
    {
      name: 'turnout_replica_is_leader',
      help: '1 on the replica that moves the rollouts, 0 on the others.',
      type: 'gauge',
      labels: [],
      read: one(({ isLeader }) => (isLeader ? 1 : 0)),
    },
    {
      name: 'turnout_replica_leaderless_seconds',
      help: 'How long no replica has moved the rollouts, as this one sees it; 0 while one does.',
      type: 'gauge',
      labels: [],
      read: one(({ leaderlessMs }) => leaderlessMs / 1_000),
    },
    {
      name: 'turnout_replicas',
      help: 'Replicas that there are, this one included, by whether they have answered lately.',
      type: 'gauge',
      labels: ['state'],
      read: labelled('state', ({ replicas: { heard, silent } }) => ({ heard, silent })),
    },
    {
      name: 'turnout_ledger_writes_total',
      help: 'Writes of the shared ledger, by what became of them.',
      type: 'counter',
      labels: ['outcome'],
      read: labelled('outcome', ({ writes: { written, conflicts, failures } }) => ({
        written,
        conflict: conflicts,
        failure: failures,
      })),
    },
    {
      name: 'turnout_tallies_dropped_total',
      help: 'Batches of counts for the judge that no leader has read for too long.',
      type: 'counter',
      labels: [],
      read: one(({ dropped }) => dropped),
    },
  ];
}
