import { describe, expect, it } from "vitest";
import { defaultSlices, sliceItems } from "../../src/data/slices.ts";

describe("slices", () => {
  it("put every support into all and into exactly one other slice", () => {
    const support = Uint32Array.from({ length: 100 }, (_, i) => i);
    const masks = defaultSlices.map((slice) => sliceItems(slice, support));
    for (let i = 0; i < 100; i++) {
      expect(masks[0][i]).toBe(1);
      expect(masks.slice(1).reduce((sum, mask) => sum + mask[i], 0)).toBe(1);
    }
  });

  it("include both of their ends", () => {
    const slice = { name: "4-10", minimum: 4, maximum: 10 };
    expect([...sliceItems(slice, [3, 4, 10, 11])]).toEqual([0, 1, 1, 0]);
    expect(defaultSlices.map(({ name }) => name)).toEqual(["all", "cold", "1-3", "4-10", "11-20", "21+"]);
  });
});
