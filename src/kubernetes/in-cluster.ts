import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access, NoAccess } from './access.ts';

export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Returns the way to the API server that the kubelet has told this pod. Throws `NoAccess` where
 * the pod was given no service account's token.
 */
export function inCluster(host: string, port: string, folder = serviceAccountFolder): Access {
  const authority = host.includes(':') ? `[${host}]` : host;
  const [token, ca] = ['token', 'ca.crt'].map((name) => join(folder, name));
  return {
    server: new URL(`https://${authority}:${port}`),
    serverName: undefined,
    namespace: namespaceIn(folder),
    read: async () => ({
      token: await readText(token ?? ''),
      ca: await readText(ca ?? ''),
      cert: undefined,
      key: undefined,
    }),
  };
}

function namespaceIn(folder: string): string {
  const file = join(folder, 'namespace');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoAccess(
      `this pod has no token for the Kubernetes API: ${reason}`,
      'give it a service account, and automountServiceAccountToken: true',
    );
  }
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
