import type { Test } from 'tap';
import type { AccessPorts } from '../../src/admin/access.ts';
import { type Admin, adminApp } from '../../src/admin/app.ts';
import type { AdminPorts, RolloutPorts, RulesPorts } from '../../src/admin/ports.ts';

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

/** Returns the admin listener of a process that serves nothing yet; nobody asks for its document. */
export function fakeAdmin(t: Test, more: Partial<AdminPorts> = {}): Admin {
  const admin = adminApp({
    inForce: () => ({ snapshot: undefined, number: 0 }),
    document: () => {
      throw new Error('nobody asks for the document');
    },
    listening: () => true,
    draining: () => false,
    workers: () => [],
    watches: () => [],
    versions: async () => [],
    mirrorSamples: async () => [],
    expose: () => Promise.reject(new Error('nobody asks for metrics')),
    version: '1.2.3',
    now: () => 0,
    failed: (error) => t.fail(String(error)),
    hosts: [],
    access: nobodyKnown,
    rollouts: noRollouts,
    rules: noRules,
    ...more,
  });
  t.teardown(() => admin.close());
  return admin;
}
