/** What the search of settings may try. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../../src/als/als.ts";
import { embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { gridOf } from "../../../src/hybrid/settings/setting-grid.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(1, { users: 20, items: 10, perUser: 4 });
const als = await fitAls(interactions, { rank: 2, iterations: 1 });

function gridWith(options: Parameters<typeof embeddingOptionsSchema.parse>[0], { pairs = 80, rank = 64 }) {
  const sized = { ...interactions, indices: new Uint32Array(pairs) };
  const ranked = { ...als, options: { ...als.options, rank } };
  return gridOf(embeddingOptionsSchema.parse(options), { interactions: sized, features, als: ranked });
}

describe("the grid of settings", () => {
  it("has other weights and ranks for ALS below a million interactions, where training is quick", () => {
    const quick = gridWith({}, { pairs: 999_999 });
    expect([quick.alsUnobservedWeight, quick.alsRankTimes]).toEqual([
      [1, 3, 10],
      [1, 2, 4],
    ]);
    const slow = gridWith({}, { pairs: 1_000_000 });
    expect([slow.alsUnobservedWeight, slow.alsRankTimes]).toEqual([[1], [1]]);
  });

  it("has ranks of 512 at most beside the one that stands", () => {
    expect(gridWith({}, { rank: 128 }).alsRankTimes).toEqual([1, 2, 4]);
    expect(gridWith({}, { rank: 144 }).alsRankTimes).toEqual([1, 2]);
    expect(gridWith({}, { rank: 600 }).alsRankTimes).toEqual([1]);
    expect(gridWith({ alsRankCandidates: [8, 4] }, { rank: 256 }).alsRankTimes).toEqual([4]);
  });

  it("has what the options name alone where they do", () => {
    for (const pairs of [80, 1_000_000]) {
      const named = gridWith({ alsUnobservedWeight: 5, alsRankTimes: 3 }, { pairs, rank: 400 });
      expect([named.alsUnobservedWeight, named.alsRankTimes]).toEqual([[5], [3]]);
    }
  });
});
