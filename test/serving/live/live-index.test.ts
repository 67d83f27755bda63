/** An index that follows moving vectors, against one made anew. */
import { describe, expect, it } from "vitest";
import { createGrowingMatrix } from "../../../src/math/growing-matrix.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { createItemIndex, searchIndex } from "../../../src/serving/ranking/item-index.ts";
import { createLiveIndex } from "../../../src/serving/ranking/live-index.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const ITEMS = 5000;

describe("an index whose items move and grow in number", () => {
  it("finds what an index made of the new vectors finds, and the old one finds what it found", async () => {
    const random = createRandom(4);
    const vectors = randomMatrix(random, ITEMS, 12);
    const base = createItemIndex(vectors);
    const query = rowOf(randomMatrix(random, 1, 12), 0);
    const asked = [0, 0.4, 1].map((normExponent) => ({ count: 7, normExponent }));
    const all = (index: typeof base) => Promise.all(asked.map((search) => searchIndex(index, query, search)));
    const before = await all(base);
    const growing = createGrowingMatrix(base.vectors);
    const live = createLiveIndex(base);
    expect(await all(live.follow(growing.view(), []))).toEqual(before);
    for (let round = 0; round < 3; round++) {
      const changed = [before[0][round].row, random.integer(ITEMS), ITEMS + 2 * round, ITEMS + 2 * round + 1];
      for (const row of changed)
        growing.put(
          row,
          rowOf(randomMatrix(random, 1, 12), 0).map((x) => 3 * x),
        );
      growing.put(
        ITEMS + 2 * round,
        query.map((x) => 20 * x),
      );
      const followed = await all(live.follow(growing.view(), changed));
      expect(followed).toEqual(await all(createItemIndex(growing.view())));
      expect(followed[0][0].row).toBeGreaterThanOrEqual(ITEMS);
    }
    expect(await all(base)).toEqual(before);
  });
});
