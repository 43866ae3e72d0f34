/**
 * Returns whether so few of a version's endpoints are well that all of them are used: the rest
 * would break under the whole load, and it is likelier that a check is wrong than that most
 * endpoints are (Envoy's panic threshold).
 */
export function isPanic(well: number, all: number): boolean {
  return well * 2 < all;
}
