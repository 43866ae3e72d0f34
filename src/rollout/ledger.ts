import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kept, nothingKept } from './kept.ts';
import type { Records } from './records.ts';
import { Turns } from './turns.ts';

/** Where rollouts are remembered. What is kept is whole at every moment, or as it was before. */
export interface Ledger extends Records {
  /** Returns what was kept last. Throws where it cannot be read, with place, cause and remedy. */
  readonly load: () => Kept;
  readonly save: (kept: Kept) => Promise<void>;
}

const ledgerName = 'ledger.json';
const unitBytes = 8;

/** Keeps everything in a directory. */
export class FileLedger implements Ledger {
  readonly warning = undefined;
  readonly scope = 'replica';
  readonly #directory: string;
  readonly #saves = new Turns();

  constructor(directory: string) {
    this.#directory = directory;
    for (const name of ['documents', 'units', 'ticks']) {
      mkdirSync(join(directory, name), { recursive: true });
    }
  }

  load(): Kept {
    const path = join(this.#directory, ledgerName);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return nothingKept;
      throw error;
    }
    return keptOf(text, path);
  }

  /** One after the other: what is asked for last is what stays. */
  save(kept: Kept): Promise<void> {
    return this.#saves.take(() => writeWhole(this.#directory, ledgerName, JSON.stringify(kept)));
  }

  addUnits(release: string, units: Uint8Array): Promise<void> {
    return append(this.#path('units', release), units);
  }

  /** A process may have died while it wrote the last one: that is cut off, here and in the file. */
  async unitsOf(release: string): Promise<Uint8Array> {
    const path = this.#path('units', release);
    const units = (await readIfThere(path)) ?? new Uint8Array(0);
    const whole = units.length - (units.length % unitBytes);
    if (whole < units.length) await truncate(path, whole);
    return units.subarray(0, whole);
  }

  addTicks(release: string, lines: string): Promise<void> {
    return append(this.#path('ticks', release), Buffer.from(lines));
  }

  async ticksOf(release: string): Promise<string | undefined> {
    return (await readIfThere(this.#path('ticks', release)))?.toString('utf8');
  }

  saveDocument(hash: string, text: string): Promise<void> {
    return writeWhole(join(this.#directory, 'documents'), hash, text);
  }

  async document(hash: string): Promise<string | undefined> {
    return (await readIfThere(this.#path('documents', hash)))?.toString('utf8');
  }

  retain(hashes: ReadonlySet<string>, releases: ReadonlySet<string>): void {
    const names = new Set([...releases].map(fileName));
    this.#retain('documents', hashes);
    this.#retain('units', names);
    this.#retain('ticks', names);
  }

  #retain(folder: string, names: ReadonlySet<string>): void {
    const path = join(this.#directory, folder);
    for (const name of readdirSync(path)) {
      if (!names.has(name)) rmSync(join(path, name), { force: true });
    }
  }

  #path(folder: string, name: string): string {
    return join(this.#directory, folder, fileName(name));
  }
}

/** Forgets everything with the process. */
export class MemoryLedger implements Ledger {
  readonly warning = 'without --state-dir a restart begins every rollout again at its first step';
  readonly scope = 'process';
  readonly #documents = new Map<string, string>();
  readonly #ticks = new Map<string, string>();

  load(): Kept {
    return nothingKept;
  }

  async save(): Promise<void> {}

  async addUnits(): Promise<void> {}

  async unitsOf(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }

  /** An hour of a tick a second: longer records need a directory. */
  async addTicks(release: string, lines: string): Promise<void> {
    const before = this.#ticks.get(release) ?? '';
    if (before.length < 16 * 1_024 * 1_024) this.#ticks.set(release, before + lines);
  }

  async ticksOf(release: string): Promise<string | undefined> {
    return this.#ticks.get(release);
  }

  async saveDocument(hash: string, text: string): Promise<void> {
    this.#documents.set(hash, text);
  }

  async document(hash: string): Promise<string | undefined> {
    return this.#documents.get(hash);
  }

  retain(hashes: ReadonlySet<string>, releases: ReadonlySet<string>): void {
    for (const hash of this.#documents.keys()) if (!hashes.has(hash)) this.#documents.delete(hash);
    for (const name of this.#ticks.keys()) if (!releases.has(name)) this.#ticks.delete(name);
  }
}

function keptOf(text: string, path: string): Kept {
  try {
    const kept = JSON.parse(text) as Kept;
    if (kept.format !== 1) throw new Error(`format ${kept.format} is not known`);
    // What an older version did not know is empty.
    return { ...nothingKept, ...kept };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'move it away to begin every rollout again at its first step';
    throw new Error(`${path}: cannot be read: ${reason}; ${remedy}`);
  }
}

/**
 * Writes a file so that whoever reads it, at any moment and after any death of this process or its
 * machine, finds all of it or what was there before.
 */
async function writeWhole(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name);
  const written = `${path}.new`;
  const file = await open(written, 'w');
  await synced(file, (handle) => handle.writeFile(text));
  await rename(written, path);
  // The name is in the directory: without this it may be there only in memory.
  const folder = await open(directory, 'r');
  await synced(folder, async () => {});
}

async function append(path: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0) return;
  await synced(await open(path, 'a'), (file) => file.writeFile(bytes));
}

async function synced(file: FileHandle, write: (file: FileHandle) => Promise<void>) {
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Names of routes may hold anything: a file's must not lead elsewhere. */
function fileName(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
