/** The tabled exponential against the engine's own. */
import { describe, expect, it } from "vitest";
import { decay } from "../../src/math/exponential.ts";

describe("decay", () => {
  it("is exp(-t) within 1e-7 of itself, between and beside the places of its table", () => {
    let worst = 0;
    for (let t = 0; t < 100; t += 0.00137) worst = Math.max(worst, Math.abs(decay(t) / Math.exp(-t) - 1));
    expect(worst).toBeLessThan(1e-7);
    expect(worst).toBeGreaterThan(0);
  });

  it("is 1 at 0, and 0 where float32 has no smaller number", () => {
    expect([decay(0), decay(104), decay(1e30), decay(Infinity)]).toEqual([1, 0, 0, 0]);
    expect(Math.fround(decay(103))).toBeGreaterThan(0);
  });
});
