/** Lift: the formula, its ends, and that an item's length moves continuously with its interactions. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liftAt, liftOf, liftRows, measureShrinkage } from "../../src/hybrid/lift.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { norm } from "../helpers/comparisons.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const factors = randomMatrix(createRandom(1), 40, 6);
const short = { ...factors, values: factors.values.map((value) => 0.25 * value) };
const support = Uint32Array.from({ length: 40 }, (_, i) => i % 8);

describe("the shrinkage of predictions", () => {
  it("is how much shorter they are than factors, in mean log length", () => {
    expect(measureShrinkage(factors, short, support)).toBeCloseTo(Math.log(4), 5);
  });

  it("does not look at items without interactions", () => {
    const other = { ...short, values: short.values.slice() };
    for (let i = 0; i < 40; i += 8) rowOf(other, i).fill(7);
    expect(measureShrinkage(factors, other, support)).toBe(measureShrinkage(factors, short, support));
    expect(measureShrinkage(factors, short, new Uint32Array(40))).toBe(0);
  });
});

describe("the lift", () => {
  it("brings predictions of new items to the length of factors at amplitude 1, and leaves them at 0", () => {
    const shrinkage = measureShrinkage(factors, short, support);
    const lifted = liftRows(short, liftOf({ lift: 1, contentLift: 0 }, shrinkage).factors, support);
    for (let i = 0; i < 40; i += 8) expect(norm(rowOf(lifted, i))).toBeCloseTo(norm(rowOf(factors, i)), 4);
    expect(liftRows(short, liftOf({ lift: 0, contentLift: 0.5 }, shrinkage).factors, support)).toEqual(short);
  });

  it("lengthens factors and content alike, and content by its own lift besides", () => {
    const { factors: ofFactors, content } = liftOf({ lift: 0.7, contentLift: -0.8 }, 1.5);
    expect(ofFactors).toBeCloseTo(0.7 * 1.5, 10);
    expect(content - ofFactors).toBeCloseTo(-0.8, 10);
  });

  it("multiplies a row by exp(e / (1 + n))", () => {
    const lifted = liftRows(factors, 1.05, support);
    for (let i = 0; i < 40; i++) {
      const expected = norm(rowOf(factors, i)) * Math.exp(1.05 / (1 + support[i]));
      expect(norm(rowOf(lifted, i))).toBeCloseTo(expected, 4);
    }
  });

  it("moves towards 1 with every interaction, each step smaller than the one before", () => {
    const exponents = fc.double({ min: -3, max: 3, noNaN: true }).filter((exponent) => Math.abs(exponent) > 0.01);
    fc.assert(
      fc.property(exponents, fc.nat(1000), (exponent, n) => {
        const [now, next, later] = [n, n + 1, n + 2].map((m) => Math.abs(Math.log(liftAt(exponent, m))));
        expect(now).toBeGreaterThan(next);
        expect(now - next).toBeGreaterThan(next - later);
        expect(Math.sign(Math.log(liftAt(exponent, n)))).toBe(Math.sign(exponent));
      }),
    );
  });
});
