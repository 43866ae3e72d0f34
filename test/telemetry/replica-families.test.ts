import { test } from 'tap';
import { type ReplicaFacts, replicaFamilies } from '../../src/telemetry/replica-families.ts';

const facts: ReplicaFacts = {
  isLeader: true,
  leaderlessMs: 2_500,
  replicas: { heard: 2, silent: 1 },
  writes: { written: 7, conflicts: 2, failures: 1 },
  dropped: 3,
};

function read(name: string, known: ReplicaFacts | undefined) {
  const family = replicaFamilies(() => known).find((one) => one.name === name);
  return [...(family?.read() ?? [])].flat();
}

test('who leads, who is there, and what became of writes', async (t) => {
  t.strictSame(read('turnout_replica_is_leader', facts), [{ value: 1, labels: {} }]);
  t.strictSame(read('turnout_replica_leaderless_seconds', facts), [{ value: 2.5, labels: {} }]);
  t.strictSame(read('turnout_replicas', facts), [
    { value: 2, labels: { state: 'heard' } },
    { value: 1, labels: { state: 'silent' } },
  ]);
  t.strictSame(read('turnout_ledger_writes_total', facts), [
    { value: 7, labels: { outcome: 'written' } },
    { value: 2, labels: { outcome: 'conflict' } },
    { value: 1, labels: { outcome: 'failure' } },
  ]);
  t.strictSame(read('turnout_tallies_dropped_total', facts), [{ value: 3, labels: {} }]);
});

test('a process alone has none of it', async (t) => {
  for (const { name } of replicaFamilies(() => undefined)) {
    t.strictSame(read(name, undefined), [], name);
  }
});
