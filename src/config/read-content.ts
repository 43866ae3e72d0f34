import { open, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a look at a source found. */
export type Content =
  | {
      readonly kind: 'bytes';
      readonly bytes: Buffer;
      /** How people know it, where only its content tells. */
      readonly name?: string;
      /** When it was heard of, where that was before it is given away. Milliseconds since 1970. */
      readonly noticedAt?: number;
      /** When somebody wrote it, by the clock of where it is kept. */
      readonly writtenAt?: number;
    }
  | { readonly kind: 'trouble'; readonly message: string };

/** Read at most: one byte more than a document may have, so that a longer one is refused as such. */
const maxBytes = 1_048_576 + 1;

/**
 * Returns the bytes of a file, or what keeps it from being read.
 *
 * In a volume of Kubernetes the link `..data` is read once and the file taken from the
 * directory it names, because the visible links may point elsewhere a moment later; whatever
 * vanishes in between is looked for again from the start.
 */
export async function readContent(
  path: string,
  ifMissing = 'write one (turnout schema describes it) or name another with --rules',
): Promise<Content> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { kind: 'bytes', bytes: await readFrom(await placeOf(path)) };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' && attempt < 3) continue;
      return { kind: 'trouble', message: troubleOf(path, code, error, ifMissing) };
    }
  }
}

/** Returns whether a directory is a volume the kubelet writes. */
export async function isVolume(directory: string): Promise<boolean> {
  return (await dataLink(directory)) !== undefined;
}

async function dataLink(directory: string): Promise<string | undefined> {
  try {
    return await readlink(join(directory, '..data'));
  } catch {
    return undefined;
  }
}

async function placeOf(path: string): Promise<string> {
  const directory = dirname(path);
  const data = await dataLink(directory);
  return data === undefined ? path : join(directory, data, basename(path));
}

async function readFrom(place: string): Promise<Buffer> {
  // Asked before it is opened: opening a pipe would wait for its writer.
  if (!(await stat(place)).isFile()) throw new NotAFile();
  const file = await open(place);
  try {
    const buffer = Buffer.allocUnsafe(maxBytes);
    let length = 0;
    while (length < maxBytes) {
      const { bytesRead } = await file.read(buffer, length, maxBytes - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return Buffer.from(buffer.subarray(0, length));
  } finally {
    await file.close();
  }
}

class NotAFile extends Error {
  readonly code = 'NOT_A_FILE';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function troubleOf(path: string, code: string, error: unknown, ifMissing: string): string {
  switch (code) {
    case 'ENOENT':
      return `${path}: there is no such file; ${ifMissing}`;
    case 'EACCES':
      return `${path}: may not be read by this user; give it read permission`;
    case 'NOT_A_FILE':
      return `${path}: is not a file; name the file itself, not its directory`;
    default:
      return `${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
