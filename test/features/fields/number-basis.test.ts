/** Hat functions of numbers against their definition. */
import { describe, expect, it } from "vitest";
import { hatsAt, numberKnots } from "../../../src/features/fields/number-basis.ts";

describe("numbers in a smooth basis", () => {
  const knots = numberKnots(Array.from({ length: 101 }, (_, i) => i));

  it("have a hat at every tenth of the items", () => {
    expect(knots).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(numberKnots([5, 5, 5])).toEqual([5]);
    expect(numberKnots([])).toEqual([]);
  });

  it("are heights of the two hats beside them, which sum to 1 and give the number back", () => {
    for (const value of [0, 3, 10, 47.5, 99, 100]) {
      const hats = hatsAt(knots, value);
      expect(hats.reduce((sum, [, height]) => sum + height, 0)).toBeCloseTo(1, 10);
      expect(hats.reduce((sum, [place, height]) => sum + height * knots[place], 0)).toBeCloseTo(value, 10);
    }
  });

  it("beyond the items are the last hat, and what is missing has none", () => {
    expect([hatsAt(knots, -4), hatsAt(knots, 1e9)]).toEqual([[[0, 1]], [[10, 1]]]);
    expect([hatsAt(knots, Number.NaN), hatsAt([], 3)]).toEqual([[], []]);
  });
});
