import { type Reading, read } from '#core/document/read';

type Read = (text: string) => Promise<Reading>;

/** Some 170 routes, which take a tenth of a second. */
export const maxLength = 65_536;

/**
 * Returns a way to read documents: here, while nobody is served and the text is not long; in all
 * other cases as `elsewhere` does.
 *
 * The first document of a process is nearly always of this kind. Nobody waits for this thread yet,
 * so that another one would only cost: 180 ms to start it, and 25 MB until well after its end.
 */
export function readFirstHere(elsewhere: Read, isServing: () => boolean): Read {
  return async (text) =>
    isServing() || text.length > maxLength ? await elsewhere(text) : read(text);
}
