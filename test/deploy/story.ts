import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import type { Pods } from '../support/pods.ts';
import { mayAsk, type Played, play } from './played.ts';
import { skip } from './rendered.ts';

/**
 * Plays a strategy as its README does, as a test; what Kubernetes would do to the pods is done by
 * hand. Whatever was asked of the API has to be what its rules need.
 */
export function story(
  name: string,
  strategy: string,
  act: (t: Test, played: Played) => Promise<void>,
): void {
  test(`${strategy}: ${name}`, { skip }, async (t) => {
    const played = await play(t, strategy);
    await act(t, played);
    for (const asked of played.asked()) t.ok(mayAsk.includes(asked), asked);
  });
}

export async function bothOf(played: Played): Promise<readonly [Pods, Pods]> {
  return [await played.pods('testpage-v1'), await played.pods('testpage-v2')];
}

/** Ends a pod that others are left beside, once nobody is connected to it. */
export async function endOne(pods: Pods): Promise<void> {
  const [pod] = pods.all;
  if (pod !== undefined) await pods.terminate(pod);
}

/** Ends all pods of a version, as Kubernetes does: they serve until nothing is sent to them. */
export async function endAll(pods: Pods, played: Played, version: string): Promise<void> {
  for (const pod of pods.all) pods.become(pod, 'terminating');
  await eventually(async () => {
    const { versions } = await played.status('testpage');
    const found = versions.find((one) => one.version === version);
    return found?.share === 0 && found.inFlight === 0;
  }, `${version} has nothing`);
  for (const pod of pods.all) await pods.remove(pod);
}

/** Ready endpoints are known a moment after the API server has told of them. */
export async function isSwitched(played: Played, route: string, version: string): Promise<void> {
  await eventually(
    async () => (await played.tell(route, 'switch', { version })) === 200,
    `${route} is switched to ${version}`,
  );
}
