import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Resource } from '../../src/core/kubernetes/api.ts';
import type { PolicyRule } from '../support/api-server.ts';
import type { TargetServer } from './target-server.ts';

/** Whoever names a kubeconfig lets a namespace be made, filled and deleted there. */
export const kubeconfig = process.env.KUBECONFIG ?? '';

/** All that the suite does with the client that may do everything. */
const everything: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
];

/** Runs kubectl, which comes in however the kubeconfig says. Throws with what it says. */
function kubectl(words: readonly string[], input?: unknown): string {
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  const text = input === undefined ? '' : JSON.stringify(input);
  const { status, stdout, stderr, error } = spawnSync('kubectl', words, {
    ...options,
    input: text,
  });
  if (status === 0) return stdout;
  throw new Error(`kubectl ${words.join(' ')}: ${error?.message ?? stderr}`);
}

const kinds: Readonly<Record<string, string>> = { configmaps: 'ConfigMap', leases: 'Lease' };

function typeOf({ group, version, plural }: Resource) {
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind: kinds[plural] };
}

/**
 * The API server of `KUBECONFIG`, with a namespace that is made for the test and deleted after it.
 * The client comes in with short-lived tokens of service accounts there.
 */
export async function realServer(t: Test): Promise<TargetServer> {
  const namespace = `turnout-test-${randomBytes(4).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  kubectl(['create', 'namespace', namespace]);
  t.teardown(() => {
    rmSync(folder, { recursive: true });
    kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });
  const inNamespace = ['--namespace', namespace];
  let count = 0;

  const envFor = async (rules: readonly PolicyRule[]) => {
    const name = `client-${++count}`;
    const rbac = 'rbac.authorization.k8s.io';
    const metadata = { name, namespace };
    kubectl(['create', '--validate=false', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
        { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
        {
          apiVersion: `${rbac}/v1`,
          kind: 'RoleBinding',
          metadata,
          roleRef: { apiGroup: rbac, kind: 'Role', name },
          subjects: [{ kind: 'ServiceAccount', name, namespace }],
        },
      ],
    });
    const token = kubectl(['create', 'token', name, '--duration=10m', ...inNamespace]).trim();
    const view = kubectl(['config', 'view', '--minify', '--raw', '--flatten', '-o', 'json']);
    const { clusters, contexts, ...rest } = JSON.parse(view);
    const user = { name: 'client', user: { token } };
    const [context] = contexts;
    const file = join(folder, name);
    writeFileSync(
      file,
      JSON.stringify({
        ...rest,
        clusters,
        users: [user],
        contexts: [{ ...context, context: { ...context.context, user: user.name, namespace } }],
      }),
    );
    return { KUBECONFIG: file };
  };

  return {
    what: `the API server of ${kubeconfig}`,
    namespace,
    env: await envFor(everything),
    envFor,
    put: async (resource, object) => {
      const { name } = object.metadata;
      const found = kubectl(['get', resource.plural, name, '--ignore-not-found', ...inNamespace]);
      const verb = found === '' ? 'create' : 'replace';
      const metadata = { ...object.metadata, namespace };
      kubectl([verb, '--validate=false', '-f', '-'], { ...typeOf(resource), ...object, metadata });
    },
    remove: async ({ plural }, name) => {
      kubectl(['delete', plural, name, ...inNamespace]);
    },
  };
}
