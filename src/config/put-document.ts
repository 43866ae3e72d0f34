import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Document } from '#core/document/document';
import type { Problem } from '#core/document/problem';
import type { Reading } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import type { RulesSource } from '#core/document/rules-source';
import { isVolume } from './read-content.ts';
import { hashOf, type ReloadStatus } from './reload.ts';
import { replaceFile } from './replace-file.ts';

export interface PutPorts {
  readonly file: string;
  readonly status: () => Pick<ReloadStatus, 'hash' | 'refusal'>;
  /** Takes what the file holds now; settled when that is in force or refused. */
  readonly look: () => Promise<void>;
  readonly read: (text: string) => Promise<Reading>;
  /** What a document would change, a line each. */
  readonly changesTo: (document: Document, hash: string, text: string) => readonly string[];
}

export interface PutWish {
  readonly text: string;
  /** Whether the person has seen the document of this hash. */
  readonly isExpected: (hash: string) => boolean;
  readonly isDryRun: boolean;
}

export type Put =
  | {
      readonly kind: 'done';
      readonly hash: string;
      /** Hash of the document it replaced; undefined: there was none. */
      readonly previous: string | undefined;
      readonly changes: readonly string[];
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[]; readonly message: string }
  | { readonly kind: 'changed' | 'refused' | 'unwritable'; readonly message: string };

/**
 * Returns what puts a document into the rules file and in force: one after the other.
 *
 * It is read before anything is written. What is refused only when it is to be put in force, because a
 * certificate is missing, is taken out of the file again: a restart would not begin with it.
 */
export function putDocument(ports: PutPorts): (wish: PutWish) => Promise<Put> {
  let last: Promise<unknown> = Promise.resolve();
  return (wish) => {
    const put = last.then(() => (wish.isDryRun ? tried(ports, wish) : done(ports, wish)));
    last = put.catch(() => undefined);
    return put;
  };
}

async function tried(ports: PutPorts, { text }: PutWish): Promise<Put> {
  const reading = await ports.read(text);
  if (reading.kind === 'problems') return withProblems(ports, text, reading.problems);
  const hash = hashOf(text);
  const changes = ports.changesTo(reading.document, hash, text);
  const previous = ports.status().hash;
  return { kind: 'done', hash, previous, changes, warnings: reading.warnings };
}

async function done(ports: PutPorts, wish: PutWish): Promise<Put> {
  const { file, look, status } = ports;
  // Somebody may have written the file a moment ago.
  await look();
  const { hash = '' } = status();
  if (!wish.isExpected(hash)) {
    const message = `the document in force is ${hash}, not what you have seen: somebody has changed it; look again`;
    return { kind: 'changed', message };
  }
  const would = await tried(ports, wish);
  if (would.kind !== 'done') return would;
  try {
    const path = await realpath(file);
    const before = await readFile(path);
    await replaceFile(path, Buffer.from(wish.text));
    await look();
    const { refusal } = status();
    if (refusal === undefined) return would;
    await replaceFile(path, before);
    await look();
    return { kind: 'refused', message: refusal.text.trimEnd() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${file} cannot be replaced: ${reason}; its directory must be writable for this user`;
    return { kind: 'unwritable', message };
  }
}

function withProblems({ file, status }: PutPorts, text: string, problems: readonly Problem[]): Put {
  const message = renderProblems(problems, { file, text, inForce: status().hash }).trimEnd();
  return { kind: 'problems', problems, message };
}

/**
 * Returns what a rules file is: in a volume that the kubelet writes it is somebody else's, also where
 * a link leads there.
 */
export async function sourceOfFile(file: string): Promise<RulesSource> {
  if (await isVolume(dirname(file))) return { kind: 'volume', name: dirname(file) };
  try {
    const volume = dirname(dirname(await realpath(file)));
    if (await isVolume(volume)) return { kind: 'volume', name: volume };
  } catch {
    // What is not there is no volume's.
  }
  return { kind: 'file', name: file };
}
