import type { Content } from './read-content.ts';
import { type FileWatch, type WatchOptions, watchFile } from './watch-file.ts';

/** Takes what files hold now, in the order of their paths. */
export type TakeAll = (contents: readonly Content[]) => unknown;

/**
 * Looks at several files now and then, and gives away what all of them hold whenever one of them
 * has changed.
 *
 * Each change makes all of them be read once more before they are given away: what a volume of
 * Kubernetes swaps at once is then seen at once, and a key is not held against the certificate
 * before its own.
 */
export function watchFiles(
  paths: readonly string[],
  options: WatchOptions,
  take: TakeAll,
): FileWatch {
  const contents: Content[] = [];
  let hasChanged = false;
  let isLooking = false;
  const watches = paths.map((path, at) =>
    watchFile(path, options, async (content) => {
      contents[at] = content;
      hasChanged = true;
      // A look that is awaited here would wait for itself.
      if (!isLooking) look();
    }),
  );

  async function look(): Promise<void> {
    isLooking = true;
    await Promise.all(watches.map((watch) => watch.look()));
    isLooking = false;
    if (!hasChanged) return;
    hasChanged = false;
    await take(contents);
  }

  return {
    look,
    close: () => {
      for (const watch of watches) watch.close();
    },
  };
}
