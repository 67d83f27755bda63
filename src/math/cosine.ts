/** The inner product of two vectors and their cosine, x'y / (|x| |y|), in float64. */

/** x'y of two vectors of one length. */
export function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j] * y[j];
  return sum;
}

/** The cosine of two vectors of one length, in [-1, 1] up to rounding; null where one of them is zeros. */
export function cosineOf(x: Float32Array, y: Float32Array): number | null {
  const lengths = Math.sqrt(dot(x, x) * dot(y, y));
  return lengths > 0 ? dot(x, y) / lengths : null;
}
