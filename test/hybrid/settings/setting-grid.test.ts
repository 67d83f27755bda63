/** What the search of settings may try. */
import { describe, expect, it } from "vitest";
import { embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { gridOf } from "../../../src/hybrid/settings/setting-grid.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(1, { users: 20, items: 10, perUser: 4 });
const weightsOf = (pairs: number, alsUnobservedWeight: number | "auto" = "auto") => {
  const sized = { ...interactions, indices: new Uint32Array(pairs) };
  return gridOf(embeddingOptionsSchema.parse({ alsUnobservedWeight }), { interactions: sized, features })
    .alsUnobservedWeight;
};

describe("the grid of settings", () => {
  it("has other weights for ALS below a million interactions, where training is quick", () => {
    expect(weightsOf(999_999)).toEqual([1, 3, 10]);
    expect(weightsOf(1_000_000)).toEqual([1]);
  });

  it("has the weight of the options alone where they name one", () => {
    expect(weightsOf(80, 5)).toEqual([5]);
    expect(weightsOf(1_000_000, 5)).toEqual([5]);
  });
});
