/**
 * From the states that a graph gives for the tokens of one input (words, or patches of a picture) to its vector: their mean or the
 * first, and length 1 where the encoder's authors compare by cosine.
 */

export type Pooling = "mean" | "cls";

/** Pools the first `count` of the states (padding follows them) into `vector`, whose length is the width of a state. */
export function poolStates(states: Float32Array, count: number, pooling: Pooling, vector: Float32Array): void {
  const dimension = vector.length;
  if (pooling === "cls") {
    vector.set(states.subarray(0, dimension));
    return;
  }
  for (let j = 0; j < dimension; j++) {
    let sum = 0;
    for (let t = 0; t < count; t++) sum += states[t * dimension + j];
    vector[j] = sum / count;
  }
}

/** Brings a vector to length 1, in place; zeros stay zeros. */
export function normaliseVector(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square);
  if (length > 0) for (let j = 0; j < vector.length; j++) vector[j] /= length;
}
