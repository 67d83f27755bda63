/** A search among few items gives what a mask over all of them gives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { createItemIndex, searchBlock } from "../../src/serving/ranking/item-index.ts";
import { searchAmong } from "../../src/serving/ranking/part-index.ts";

const random = createRandom(3);
const matrix = (rows: number, columns: number) => ({
  rows,
  columns,
  values: Float32Array.from({ length: rows * columns }, () => Math.round(4 * random.normal())),
});

describe("a search among few items", () => {
  it("lists the same items in the same order, whatever is excluded", async () => {
    const index = createItemIndex(matrix(40, 3));
    const queries = matrix(3, 3);
    const flags = fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 40, maxLength: 40 });
    const rows = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 39 })), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(flags, rows, fc.constantFrom(0, 0.4, 1), async (allowed, excluded, normExponent) => {
        const sorted = excluded.map((own) => [...own].sort((a, b) => a - b));
        const ends = sorted.map((_, row) => sorted.slice(0, row + 1).flat().length);
        const indices = Uint32Array.from(sorted.flat());
        const exclude = {
          rows: 3,
          columns: 40,
          indptr: Uint32Array.of(0, ...ends),
          indices,
          values: new Float32Array(indices.length).fill(1),
        };
        const search = { count: 5, allow: Uint8Array.from(allowed), exclude, normExponent };
        const [few, all] = [await searchAmong(index, queries, search), await searchBlock(index, queries, search)];
        const listed = (found: typeof few) =>
          [0, 1, 2].map((list) =>
            [...found.items.subarray(list * found.count, (list + 1) * found.count)].filter((row) => row >= 0),
          );
        expect(listed(few)).toEqual(listed(all));
      }),
    );
  });
});
