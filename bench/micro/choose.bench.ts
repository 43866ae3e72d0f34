// What does getting a request to an endpoint cost beside the endpoint, and what do many add?
import { compile } from '../../src/core/snapshot/compile.ts';
import type { FleetHouse } from '../../src/proxy/fleet.ts';
import { Fleets } from '../../src/proxy/fleets.ts';
import { none } from '../../src/proxy/line-up.ts';
import { Pools } from '../../src/proxy/pool.ts';
import { type Measurement, measure, report } from '../harness.ts';
import { snapshotOf, unitAt, versionRule } from './routes.ts';

const nothing = () => {};
let state = 1;
const ports: FleetHouse['ports'] = {
  followName: () => nothing,
  check: () => nothing,
  isAdmin: () => false,
  endpoints: nothing,
  panicking: nothing,
  ejected: nothing,
  waiting: nothing,
  retried: nothing,
  retryDenied: nothing,
  assign: {
    random: () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
  },
};

/** All that the fleet of a version does for a request which is answered at once. */
function request(routes: number, endpoints: number): Measurement['run'] {
  const { document } = snapshotOf(routes, () => undefined);
  const urls = Array.from({ length: endpoints }, (_, i) => `http://10.0.0.${i + 1}:8080`);
  const rules = document.routes.map((rule) => ({
    ...rule,
    versions: [
      { ...versionRule('v1', 90), urls },
      { ...versionRule('v2', 10), urls },
    ],
  }));
  const options = { hash: '0'.repeat(12), rowOf: () => 0 };
  const snapshot = compile({ apiVersion: 'turnout/v1', routes: rules }, options);
  const deadlines = { now: 1_000_000 };
  const fleets = new Fleets({ ports, pools: new Pools(), deadlines, processes: 1 });
  const inForce = fleets.swap(snapshot);
  const versions = snapshot.routes.flatMap((route) => route.versions);
  return (i) => {
    const version = versions[(i * 7_919) % versions.length];
    const fleet = version && inForce.fleets[version.index];
    if (fleet === undefined) return 0;
    if (!fleet.admission.enter()) return 0;
    const member = fleet.lineUp.choose(none, ports.assign.random);
    if (member === undefined) return 0;
    member.pool.inFlight++;
    fleet.lineUp.answered(member, 200);
    member.pool.inFlight--;
    fleet.admission.leave();
    return version?.weight ?? 0;
  };
}

report('What does getting a request to an endpoint cost beside the endpoint?', [
  measure('baseline: pick a unit', (i) => unitAt(i).length),
  measure('1 endpoint', request(1, 1)),
  measure('2 endpoints', request(1, 2)),
  measure('20 endpoints', request(1, 20)),
  measure('1 endpoint, 5,000 routes', request(5_000, 1)),
]);
