/** The seeded generator: the reference sequence, and the distributions it must have. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";

/** sfc32 in 64-bit integers, as PractRand writes it: a = b ^ b >> 9, b = c + (c << 3), c = rotl(c, 21) + sum. */
function naiveSfc32(a: bigint, b: bigint, c: bigint): () => bigint {
  const wrap = (value: bigint) => value & 0xffffffffn;
  let state = { a, b, c, counter: 1n };
  const next = (): bigint => {
    const sum = wrap(state.a + state.b + state.counter);
    const rotated = wrap((state.c << 21n) | (state.c >> 11n));
    state = {
      a: state.b ^ (state.b >> 9n),
      b: wrap(state.c + (state.c << 3n)),
      c: wrap(rotated + sum),
      counter: wrap(state.counter + 1n),
    };
    return sum;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** splitmix32, likewise. */
function naiveSplitmix32(seed: bigint): () => bigint {
  const wrap = (value: bigint) => value & 0xffffffffn;
  let state = wrap(seed);
  return () => {
    state = wrap(state + 0x9e3779b9n);
    let z = state;
    z = wrap((z ^ (z >> 16n)) * 0x21f0aaadn);
    z = wrap((z ^ (z >> 15n)) * 0x735a2d97n);
    return z ^ (z >> 15n);
  };
}

function many(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("createRandom", () => {
  it("is sfc32 on a state of splitmix32, for any seed", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const fill = naiveSplitmix32(BigInt(seed));
        const naive = naiveSfc32(fill(), fill(), fill());
        const random = createRandom(seed);
        for (let i = 0; i < 30; i++) expect(random.next()).toBe(Number(naive()) / 2 ** 32);
      }),
      { numRuns: 50 },
    );
  });

  it("is uniform in [0, 1)", () => {
    const values = many(40_000, createRandom(1).next);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    for (let decile = 0; decile < 10; decile++) {
      const share = values.filter((value) => Math.floor(10 * value) === decile).length / values.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.01);
    }
  });

  it("draws every integer below n and no other", () => {
    const random = createRandom(2);
    const counts = new Uint32Array(7);
    for (const value of many(14_000, () => random.integer(7))) counts[value]++;
    for (const count of counts) expect(Math.abs(count / 14_000 - 1 / 7)).toBeLessThan(0.015);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(14_000);
  });

  it("draws standard normal numbers: mean 0, variance 1, no skew, the tails of a normal", () => {
    const random = createRandom(3);
    const values = many(40_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.02);
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(values.map((value) => value ** 3)))).toBeLessThan(0.08);
    const beyond = values.filter((value) => Math.abs(value) > 1.96).length / values.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.005);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("shuffles arrays and typed arrays in place: every order equally often, nothing lost", () => {
    const random = createRandom(4);
    const orders = new Map<string, number>();
    for (let round = 0; round < 12_000; round++) {
      const values = round % 2 === 0 ? [1, 2, 3] : Uint8Array.of(1, 2, 3);
      random.shuffle<number>(values);
      const order = Array.from(values).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
    for (const count of orders.values()) expect(Math.abs(count / 12_000 - 1 / 6)).toBeLessThan(0.02);
  });
});
