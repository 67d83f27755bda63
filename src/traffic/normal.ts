/** The standard normal and the chi-square distribution, as far as tests need them. */

/** P(Z <= z), by the complementary error function of W. J. Cody's rational form in Numerical Recipes: relative error below 1.2e-7. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const exponent = terms.reduceRight((sum, term) => sum * t + term, 0);
  const tail = (t * Math.exp(-x * x + exponent)) / 2;
  return z >= 0 ? 1 - tail : tail;
}

/** The z with P(Z <= z) = p, 0 < p < 1, by halving: to 1e-9. */
export function normalQuantile(p: number): number {
  let [low, high] = [-40, 40];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Two-sided p of a z. */
export function twoSidedP(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** P(X > x) for a chi-square of so many degrees of freedom, by Wilson and Hilferty's cube root; exact for one degree. */
export function chiSquareTail(x: number, degrees: number): number {
  if (degrees === 1) return twoSidedP(Math.sqrt(x));
  const spread = 2 / (9 * degrees);
  return normalCdf(-(Math.cbrt(x / degrees) - (1 - spread)) / Math.sqrt(spread));
}
