/**
 * Stirling's series, DLMF 5.11.1: what lnΓ(x) has beyond (x - ½) ln x - x + ½ ln 2π.
 * From `asymptoticFrom` on these terms are exact to a double.
 */
function stirlingRest(x: number): number {
  const y = 1 / (x * x);
  const tail = 1 / 1_680 - y * (1 / 1_188 - y * (691 / 360_360 - y * (1 / 156)));
  return (1 / 12 - y * (1 / 360 - y * (1 / 1_260 - y * tail))) / x;
}

const asymptoticFrom = 15;
const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** Returns ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  let product = 1;
  let shifted = x;
  while (shifted < asymptoticFrom) {
    product *= shifted;
    shifted += 1;
  }
  const main = (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi;
  return main + stirlingRest(shifted) - Math.log(product);
}

/**
 * Returns ln B(a, b) = lnΓ(a) + lnΓ(b) - lnΓ(a + b) for a, b > 0.
 *
 * Where one of them is large, the large terms are taken from each other on paper: of three
 * logarithms of a million each, too few digits of the difference are left.
 */
export function lnBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < asymptoticFrom) return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
  const rest = stirlingRest(large) - stirlingRest(small + large);
  const grown = -(large - 0.5) * Math.log1p(small / large);
  if (small < asymptoticFrom) {
    return lnGamma(small) + grown - small * Math.log(small + large) + small + rest;
  }
  const ratio = (small - 0.5) * Math.log(small / (small + large)) - 0.5 * Math.log(small + large);
  return ratio + grown + halfLogTwoPi + stirlingRest(small) + rest;
}
