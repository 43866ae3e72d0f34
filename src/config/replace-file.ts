import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that whoever reads it, at any moment and after any death of this process or its
 * machine, finds all of it or what was there before. Its permissions stay. Rejects where that cannot be
 * done: then the file is as it was.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const { mode } = await stat(path);
  const written = `${path}.new`;
  try {
    const file = await open(written, 'w', mode);
    try {
      // What was asked for when it was opened is less what the process may not give.
      await file.chmod(mode);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(written, path);
  } catch (error) {
    // What kept it from being written is told, not what keeps it from being taken away.
    await rm(written, { force: true }).catch(() => undefined);
    throw error;
  }
  // The name is in the directory: without this it may be there only in memory.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
