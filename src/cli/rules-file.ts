import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Document } from '#core/document/document';
import type { Problem } from '#core/document/problem';
import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import { fileTrouble } from './file-trouble.ts';
import type { Ports } from './ports.ts';
import { rulesSettingOf, rulesText } from './rules-setting.ts';
import { settingList } from './settings.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** A rules file, read: with a document, or with the errors that stand against one. */
export interface RulesFile {
  /** As it was named; `stdin` for `-`. */
  readonly file: string;
  readonly text: string;
  readonly document: Document | undefined;
  /** With a document: warnings only. */
  readonly problems: readonly Problem[];
}

/** A document that cannot be used; its problems are told as they are. */
export class DocumentTrouble extends Trouble {
  override get text(): string {
    return this.message;
  }
}

/**
 * Returns the rules file a command is about: its flag, else the variable, else the standard. Throws
 * `Trouble` where that names a source in a cluster.
 */
export function rulesFileName(flag: string | undefined, { env }: Pick<Ports, 'env'>): string {
  const { variable, standard = '' } = settingList.rules;
  const text = flag ?? (env[variable] || standard);
  const rules = rulesSettingOf(text);
  if (rules === undefined || rules.kind === 'file') return text;
  const remedy = 'what a ConfigMap holds can be piped into: turnout check -';
  throw new Trouble(
    exitCodes.wrongUse,
    `this command reads files, not ${rulesText(rules)}`,
    remedy,
  );
}

/** Returns what a rules file holds; throws `Trouble` where there is no such file. */
export async function readRulesFile(name: string, { terminal }: Ports): Promise<RulesFile> {
  const file = name === '-' ? 'stdin' : name;
  const text = name === '-' ? await terminal.readStdin() : await textOf(name);
  const reading = read(text);
  return reading.kind === 'document'
    ? { file, text, document: reading.document, problems: reading.warnings }
    : { file, text, document: undefined, problems: reading.problems };
}

async function textOf(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fileTrouble('the rules file', file, error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Trouble(exitCodes.wrongUse, `the rules file ${file} is not UTF-8 text`);
  }
}

/** Returns the snapshot of a rules file; throws `Trouble` where it has errors. */
export async function snapshotOfFile(name: string, ports: Ports): Promise<Snapshot> {
  const { file, text, document, problems } = await readRulesFile(name, ports);
  if (document === undefined) {
    throw new DocumentTrouble(exitCodes.wrongUse, renderProblems(problems, { file, text }));
  }
  // Rows are places of counters; nothing is counted here.
  return compile(document, { hash: hashOf(text), rowOf: () => 0 });
}

/** Returns the hash of a document's content: 12 hex digits, equal on all replicas. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
