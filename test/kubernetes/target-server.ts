import type { Test } from 'tap';
import type { Resource } from '../../src/core/kubernetes/api.ts';
import type { KubernetesObject } from '../../src/core/kubernetes/objects.ts';
import { ApiServer, type PolicyRule } from '../support/api-server.ts';

/** An API server that the client is tested against: the stub, or a real one. */
export interface TargetServer {
  readonly what: string;
  /** Where all of it happens. */
  readonly namespace: string;
  /** By which the client comes in as one who may do everything here. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes or replaces an object, as somebody else. */
  readonly put: (resource: Resource, object: KubernetesObject) => Promise<void>;
  readonly remove: (resource: Resource, name: string) => Promise<void>;
  /** By which the client comes in as one who may only do what these rules say. */
  readonly envFor: (rules: readonly PolicyRule[]) => Promise<Readonly<Record<string, string>>>;
}

/** The stub, on a port of its own. */
export async function stubServer(t: Test): Promise<TargetServer> {
  const server = await ApiServer.start(t);
  const namespace = 'shop';
  let count = 1;
  return {
    what: 'the stub',
    namespace,
    env: { KUBECONFIG: server.kubeconfigFile(t, namespace) },
    put: async (resource, object) => {
      const metadata = { ...object.metadata, namespace };
      server.put(resource, { ...object, metadata });
    },
    remove: async (resource, name) => server.remove(resource, namespace, name),
    envFor: async (rules) => {
      const token = `token-${++count}`;
      server.tokens.set(token, rules);
      return { KUBECONFIG: server.kubeconfigFile(t, namespace, token) };
    },
  };
}
