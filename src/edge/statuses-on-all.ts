import { mergeStatus, type StatusOn } from '#core/rollout/merge-status';
import type { ReplicasStatus, RouteStatus } from '#core/rollout/status';
import type { Election } from '../cluster/election.ts';
import type { Introduction, Peer, Peers } from '../cluster/peers.ts';
import { introductionIn, statusesIn } from './peer-json.ts';

export interface StatusPorts {
  readonly peers: Pick<Peers, 'all' | 'ask'>;
  readonly election: Pick<Election, 'mayAct' | 'holder' | 'isHeld'>;
  readonly introduction: () => Introduction;
  /** How a route stands here, or all of them. */
  readonly statusesHere: (route: string | undefined) => Promise<readonly RouteStatus[]>;
  /** How long nobody has led; undefined: somebody does. */
  readonly leaderlessMs: () => number | undefined;
  /** Why the ledger may not be what is in force here. */
  readonly trouble: () => string | undefined;
}

const statusMs = 700;

/** Returns how a route stands, or all of them, on all replicas together. */
export async function statusesOnAll(
  ports: StatusPorts,
  route: string | undefined,
): Promise<readonly RouteStatus[]> {
  const { peers, election, statusesHere } = ports;
  const [own, others] = await Promise.all([
    statusesHere(route),
    Promise.all(peers.all().map((peer) => statusesOn(peers, peer, route))),
  ]);
  const heard = others.filter((one) => one !== undefined);
  const of = 1 + peers.all().length;
  const isLeader = election.mayAct();
  const replicas = replicasStatus(
    ports,
    heard.map(({ introduction }) => introduction),
  );
  return own.map((status) => {
    const elsewhere = heard.flatMap(({ introduction, routes }): readonly StatusOn[] => {
      const there = routes.find((one) => one.route === status.route);
      const leads = introduction.term !== undefined;
      return there === undefined ? [] : [{ status: there, isLeader: leads }];
    });
    return { ...mergeStatus({ status, isLeader }, elsewhere, of), replicas };
  });
}

async function statusesOn(
  peers: Pick<Peers, 'ask'>,
  peer: Pick<Peer, 'address'>,
  route: string | undefined,
) {
  try {
    const answer = await peers.ask(peer, 'status', { route }, statusMs);
    return { introduction: introductionIn(answer), routes: statusesIn(answer) };
  } catch {
    // It is told that it was not heard.
    return undefined;
  }
}

function replicasStatus(ports: StatusPorts, heard: readonly Introduction[]): ReplicasStatus {
  const { peers, election, introduction, leaderlessMs, trouble } = ports;
  const own = introduction();
  const isAlike = ({ hash, weights }: Introduction) => hash === own.hash && weights === own.weights;
  return {
    replica: own.replica,
    leader: leaderOf(election),
    leaderlessMs: leaderlessMs(),
    heard: 1 + heard.length,
    of: 1 + peers.all().length,
    alike: 1 + heard.filter(isAlike).length,
    trouble: trouble(),
  };
}

/** Returns the name of who leads, without what tells its processes apart. */
function leaderOf({ holder, isHeld }: Pick<Election, 'holder' | 'isHeld'>): string | undefined {
  return isHeld ? holder?.replace(/_[^_]*$/, '') : undefined;
}
