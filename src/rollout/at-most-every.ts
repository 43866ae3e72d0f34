/** Does something after a while. */
export type After = (ms: number, act: () => void) => void;

/**
 * Returns a function that has `act` done soon, and never twice within `ms`: what is asked for in
 * between is done once at the end of it.
 */
export function atMostEvery(ms: number, act: () => void, after: After): () => void {
  let isQuiet = false;
  let isAsked = false;
  const ask = () => {
    if (isQuiet) {
      isAsked = true;
      return;
    }
    isQuiet = true;
    // Not at once: who asks is in the middle of something.
    after(0, act);
    after(ms, () => {
      isQuiet = false;
      const isOwed = isAsked;
      isAsked = false;
      if (isOwed) ask();
    });
  };
  return ask;
}
