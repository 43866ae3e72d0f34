import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Access, NoAccess } from './access.ts';

const named = <Inner extends z.ZodType>(field: string, inner: Inner) =>
  z.array(z.looseObject({ name: z.string(), [field]: inner })).default([]);

const text = z.string().optional();
const cluster = z.looseObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'tls-server-name': text,
});
const user = z.looseObject({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
});
const context = z.looseObject({ cluster: z.string(), user: z.string(), namespace: text });
const kubeconfig = z.looseObject({
  'current-context': z.string().min(1),
  clusters: named('cluster', z.unknown()),
  users: named('user', z.unknown()),
  contexts: named('context', z.unknown()),
});

/** What would have to be done for a user or a cluster, and is not: each is refused by its name. */
const notDone: Readonly<Record<string, string>> = {
  exec: 'runs a program for its token',
  'auth-provider': 'asks a provider for its token',
  username: 'comes in with a password',
  as: 'acts as somebody else',
  'insecure-skip-tls-verify': 'does not verify the server',
  'proxy-url': 'goes through a proxy',
};
const viaProxy =
  'run kubectl proxy, and name a kubeconfig whose server is http://127.0.0.1:8001; or one with a token of a service account';

/**
 * Returns the way to the API server of a kubeconfig's current context. Throws `NoAccess` where
 * it cannot be read, or asks for what is not done.
 */
export function fromKubeconfig(file: string): Access {
  if (file.includes(delimiter)) {
    throw new NoAccess(`KUBECONFIG names several files: ${file}`, 'name one');
  }
  const config = shaped(kubeconfig, readConfig(file), file);
  const current = config['current-context'];
  const at = shaped(context, entry(config.contexts, current, 'context', file), file);
  const { server, ...trust } = shaped(
    cluster,
    entry(config.clusters, at.cluster, 'cluster', file),
    file,
  );
  const who = shaped(user, entry(config.users, at.user, 'user', file), file);
  refuse({ ...trust, ...who }, `${file}: context "${current}"`);
  const textOf = readerIn(dirname(resolve(file)));
  return {
    server: new URL(server),
    serverName: trust['tls-server-name'],
    namespace: at.namespace,
    read: async () => ({
      token: who.token ?? (await textOf(who.tokenFile)),
      ca: await textOf(trust['certificate-authority'], trust['certificate-authority-data']),
      cert: await textOf(who['client-certificate'], who['client-certificate-data']),
      key: await textOf(who['client-key'], who['client-key-data']),
    }),
  };
}

function readConfig(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoAccess(`KUBECONFIG ${file} cannot be read: ${reason}`, 'name another');
  }
}

function shaped<Shape>(schema: z.ZodType<Shape>, value: unknown, file: string): Shape {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new NoAccess(
    `KUBECONFIG ${file} is not a kubeconfig: ${z.prettifyError(parsed.error)}`,
    'kubectl config view shows one',
  );
}

function entry(
  list: readonly Readonly<Record<string, unknown>>[],
  name: string,
  field: string,
  file: string,
): unknown {
  const found = list.find((one) => one.name === name);
  if (found !== undefined) return found[field];
  throw new NoAccess(
    `KUBECONFIG ${file} has no ${field} "${name}"`,
    'kubectl config get-contexts lists them',
  );
}

function refuse(settings: Readonly<Record<string, unknown>>, place: string): void {
  for (const [name, meaning] of Object.entries(notDone)) {
    if (settings[name] === undefined || settings[name] === false) continue;
    throw new NoAccess(`${place} ${meaning} (${name}), which Turnout does not do`, viaProxy);
  }
}

/** Returns what reads a text from a file, named from a folder, or from Base64, which wins. */
function readerIn(folder: string) {
  return async (file: string | undefined, data?: string): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString();
    return file === undefined ? undefined : (await readFile(resolve(folder, file), 'utf8')).trim();
  };
}
