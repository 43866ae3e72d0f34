import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { root } from './rendered.ts';

/** Where the types of objects are that are not of Kubernetes itself. */
const elsewhere: Readonly<Record<string, string>> = {
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/**
 * Returns what is wrong with the fields of manifests, each as a sentence that begins with kind and
 * name: a field that does not exist, on any level, a wrong type, a value that is none of those
 * allowed, a field that is missing, an API version that is not stable.
 *
 * Each manifest is written into `folder`, below this repository, as a literal of its type, and
 * tsc reads it: of a literal it refuses what the type does not have.
 */
export function fieldProblems(manifests: readonly Manifest[], folder: string): readonly string[] {
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, manifests.map(literalOf).join('\n'));
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false'];
  const tsc = [join(root, 'node_modules/.bin/tsc'), ...options, '--module', 'nodenext', file];
  // In an empty environment: what tap loads into every process is not for this one.
  const { stdout, stderr, status, error } = spawnSync('env', ['-i', process.execPath, ...tsc], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  const problems = [...stdout.matchAll(/^\S+\((\d+),\d+\): error (.+)$/gm)];
  if (status !== 0 && problems.length === 0) throw new Error(`${stdout}${stderr}`);
  const fields = problems.map(([, line, what]) => {
    const manifest = manifests[Number(line) - 1];
    return `${manifest?.kind} ${manifest?.metadata.name}: ${what}`;
  });
  return [...manifests.flatMap(unstable), ...fields];
}

/** The types also have versions that were served once and are no more: none of them was stable. */
function unstable({ apiVersion, kind, metadata }: Manifest): readonly string[] {
  if (/^(?:[a-z0-9.]+\/)?v\d+$/.test(apiVersion)) return [];
  return [`${kind} ${metadata.name}: ${apiVersion} is no stable version`];
}

function literalOf(manifest: Manifest, index: number): string {
  const { apiVersion, kind } = manifest;
  const from = elsewhere[apiVersion] ?? `kubernetes-models/${apiVersion}`;
  return `export const m${index}: import(${JSON.stringify(from)}).I${kind} = ${JSON.stringify(manifest)};`;
}
