import { test } from 'tap';
import { noWorkers, type WorkerFact, workerFamilies } from '../../src/telemetry/worker-families.ts';

const serving: WorkerFact = {
  worker: 1,
  state: 'serving',
  generation: 3,
  vitals: { residentBytes: 100, busyShare: 0.5, connections: 7 },
};

function read(name: string, workers = noWorkers) {
  const family = workerFamilies(workers).find((one) => one.name === name);
  return [...(family?.read() ?? [])].flat();
}

test('a process that serves alone has no workers, and says so', async (t) => {
  t.same(read('turnout_workers'), [{ value: 0 }]);
  t.same(read('turnout_worker_restarts_total'), []);
  t.same(read('turnout_worker_connections'), []);
});

test('each worker is told by its place', async (t) => {
  const starting: WorkerFact = {
    worker: 2,
    state: 'starting',
    generation: undefined,
    vitals: undefined,
  };
  const workers = {
    status: () => [serving, { ...serving, state: 'leaving' as const, generation: 2 }, starting],
    replaced: () => ({ died: 4, lagged: 0 }),
    cpuSeconds: () => new Map([1, 2, 3].map((worker) => [worker, worker * 10])),
  };
  const labels = { worker: '1' };
  t.same(read('turnout_workers', workers), [{ value: 1 }]);
  t.same(read('turnout_worker_restarts_total', workers), [
    { value: 4, labels: { reason: 'died' } },
    { value: 0, labels: { reason: 'lagged' } },
  ]);
  t.same(read('turnout_worker_snapshot_generation', workers), [{ value: 3, labels }]);
  t.same(read('turnout_worker_connections', workers), [{ value: 7, labels }]);
  t.same(read('turnout_worker_busy_ratio', workers), [{ value: 0.5, labels }]);
  t.same(read('turnout_worker_resident_memory_bytes', workers), [{ value: 100, labels }]);
  t.same(read('turnout_worker_cpu_seconds_total', workers), [
    { value: 10, labels },
    { value: 20, labels: { worker: '2' } },
    { value: 30, labels: { worker: '3' } },
  ]);
});
