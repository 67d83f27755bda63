/**
 * Seeded random numbers: sfc32 (Doty-Humphrey, PractRand), its state filled from the seed by splitmix32.
 * Same seed, same sequence, on every machine.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in 0..n-1. */
  integer(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Fisher-Yates, in place. */
  shuffle<T>(values: { [index: number]: T; readonly length: number }): void;
}

export function createRandom(seed: number): Random {
  const next = sfc32(splitmix32(seed));
  const integer = (n: number): number => Math.floor(next() * n);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const shuffle = <T>(values: { [index: number]: T; readonly length: number }): void => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      [values[i], values[j]] = [values[j], values[i]];
    }
  };
  return { next, integer, normal, shuffle };
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

function sfc32(fill: () => number): () => number {
  let a = fill() | 0;
  let b = fill() | 0;
  let c = fill() | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
