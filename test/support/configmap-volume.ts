import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type Payload = Readonly<Record<string, string>>;

/** The steps of one update, in their order. A writer can be stopped after any of them. */
export const steps = [
  'directory made',
  'files written',
  'temporary link made',
  'switched',
  'new links made',
  'old links removed',
  'old directory removed',
] as const;
export type Step = (typeof steps)[number];

/**
 * Writes a volume as the kubelet does (Kubernetes 1.34, pkg/volume/util/atomic_writer.go).
 *
 * The payload lies in a directory named after the time; `..data` is a link to it, replaced by one
 * rename, and each visible name is a link through `..data`. The same bytes write nothing at all.
 */
export class ConfigMapVolume {
  readonly directory: string;
  #count = 0;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes a payload, in one go. */
  write(payload: Payload): void {
    for (const _ of this.update(payload));
  }

  /** Writes a payload step by step: whoever stops asking leaves the volume as a crash would. */
  *update(payload: Payload): Generator<Step, void> {
    const old = this.#data();
    const removed = this.#visible().filter((name) => !(name in payload));
    if (old !== undefined && removed.length === 0 && this.#holds(old, payload)) return;
    const fresh = this.#freshName();
    mkdirSync(join(this.directory, fresh), { mode: 0o755 });
    yield 'directory made';
    for (const [name, text] of Object.entries(payload)) {
      writeFileSync(join(this.directory, fresh, name), text, { mode: 0o644 });
    }
    yield 'files written';
    // A link that a crash left makes this fail, as it makes the kubelet's update fail.
    symlinkSync(fresh, join(this.directory, '..data_tmp'));
    yield 'temporary link made';
    renameSync(join(this.directory, '..data_tmp'), join(this.directory, '..data'));
    yield 'switched';
    const links = new Set(this.#visible());
    for (const name of Object.keys(payload)) {
      if (!links.has(name)) symlinkSync(join('..data', name), join(this.directory, name));
    }
    yield 'new links made';
    for (const name of removed) unlinkSync(join(this.directory, name));
    yield 'old links removed';
    if (old !== undefined) rmSync(join(this.directory, old), { recursive: true });
    yield 'old directory removed';
  }

  /** Removes what a crash between making and renaming the link left behind. */
  removeTemporaryLink(): void {
    rmSync(join(this.directory, '..data_tmp'), { force: true });
  }

  /** Writes a payload up to and with a step, and stops there. Returns what is left to do. */
  writeUpTo(step: Step, payload: Payload): () => void {
    const update = this.update(payload);
    for (let next = update.next(); !next.done && next.value !== step; next = update.next());
    return () => {
      for (const _ of update);
    };
  }

  #data(): string | undefined {
    try {
      return readlinkSync(join(this.directory, '..data'));
    } catch {
      return undefined;
    }
  }

  #visible(): string[] {
    return readdirSync(this.directory).filter((name) => !name.startsWith('..'));
  }

  #holds(old: string, payload: Payload): boolean {
    const directory = join(this.directory, old);
    const names = readdirSync(directory);
    return (
      names.length === Object.keys(payload).length &&
      names.every((name) => readFileSync(join(directory, name), 'utf8') === payload[name])
    );
  }

  /** `..2026_01_02_03_04_05.0000000007`: the count stands for the kubelet's random digits. */
  #freshName(): string {
    const stamp = new Date().toISOString().slice(0, 19).replace(/[-:T]/g, '_');
    return `..${stamp}.${String(++this.#count).padStart(10, '0')}`;
  }
}
