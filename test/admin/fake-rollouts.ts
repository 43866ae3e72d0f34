import type { AccessPorts } from '../../src/admin/access.ts';
import type { RolloutPorts } from '../../src/admin/ports.ts';

/** Of a process without a file of tokens. */
export const nobodyKnown: AccessPorts = {
  tokens: async () => [],
  trustsLoopback: true,
  now: () => 0,
};

/** Of a document without routes. */
export const noRollouts: RolloutPorts = {
  statuses: async () => [],
  history: () => [],
  revision: () => undefined,
  replay: async () => undefined,
  command: async ({ route }) => ({
    kind: 'not_found',
    message: `there is no route "${route}"`,
  }),
};
