import type { AccessPorts } from '../../src/admin/access.ts';
import type { RolloutPorts, RulesPorts } from '../../src/admin/ports.ts';

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
  overlays: {
    all: () => [],
    of: () => undefined,
    want: async ({ route }) => ({ kind: 'not_found', message: `there is no route "${route}"` }),
  },
};

/** Of a process without a document, which would come from a file. */
export const noRules: RulesPorts = {
  inForce: () => undefined,
  source: async () => ({ kind: 'file', name: 'routes.yaml' }),
  put: async () => ({ kind: 'unwritable', message: 'there is no file' }),
};
