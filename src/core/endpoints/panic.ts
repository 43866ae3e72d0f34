/**
 * Returns whether so few of a version's endpoints are well that all of them are used: the rest
 * would break under the whole load, and it is likelier that a check is wrong than that most
 * endpoints are (Envoy's panic threshold). Where they go on purpose, because others take their
 * place, it is likelier that they are gone: then all are used only if none is well.
 */
export function isPanic(well: number, all: number, goOnPurpose: boolean): boolean {
  return goOnPurpose ? well === 0 && all > 0 : well * 2 < all;
}
