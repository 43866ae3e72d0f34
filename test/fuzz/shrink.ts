/** So many texts are tried at most: a fault is to be found today. */
const mostTries = 3_000;

/**
 * Returns a shorter text that still fails, by taking out ever smaller parts: halves first,
 * single bytes at last.
 */
export async function shrunk(
  text: string,
  fails: (text: string) => Promise<boolean>,
): Promise<string> {
  let least = text;
  let tries = 0;
  for (
    let size = Math.ceil(text.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < least.length && tries < mostTries; tries++) {
      const shorter = least.slice(0, at) + least.slice(at + size);
      if (await fails(shorter)) least = shorter;
      else at += size;
    }
  }
  return least;
}
