/** Which route the i-th request is for. */
export type Aim = (i: number, routes: number) => number;

/** Each route as often as any other: no two requests in a row find anything in the caches. */
export const evenly: Aim = (i, routes) => (i * 7_919) % routes;

/** The k-th most popular route gets 1/k of the first's requests (Breslau et al. 1999: Zipf). */
export const byPopularity: Aim = (i, routes) => {
  const drawn = ((i * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return evenly(Math.floor((routes + 1) ** drawn) - 1, routes);
};
