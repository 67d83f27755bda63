import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestRows } from "../../../src/evaluation/ranking/best-rows.ts";

/** Whole numbers, so that ties are common; sometimes nothing at all. */
const scoresOf = fc.array(
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN),
  ),
  { maxLength: 60 },
);

describe("the best rows", () => {
  it("are those of a stable sort of the candidates, at any count", () => {
    fc.assert(
      fc.property(scoresOf, fc.nat(70), fc.nat(1e6), (values, count, turn) => {
        const candidates = Uint32Array.from(values.keys()).map((row) => (row + turn) % Math.max(1, values.length));
        const sorted = Array.from(candidates)
          .filter((row) => values[row] > Number.NEGATIVE_INFINITY)
          .sort((a, b) => (values[a] === values[b] ? 0 : values[b] - values[a]))
          .slice(0, count);
        const expected = new Int32Array(count).fill(-1);
        expected.set(sorted);
        expect(bestRows(Float32Array.from(values), candidates, count)).toEqual(expected);
      }),
    );
  });
});
