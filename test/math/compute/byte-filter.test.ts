/** Many queries are filtered in 8 bits where the processor multiplies bytes (native/byte-filter.h); few never are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../property-seed.ts";
import type { ItemView, TopK } from "../../../src/math/compute/compute-backend.ts";
import { type Matrix, rowOf, takeRows, takeSparseRows } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { backendFamilies } from "../../helpers/backends.ts";
import { clustered, randomSparse } from "../../helpers/matrices.ts";

/** Parts of the queries: fewer than the filter asks for, and as many as tiles of exact scores do. */
const PARTS = 4;

/** Rows of one large number and few small ones: what a code leaves out is all that tells them apart, and the bound has no room. */
function spiked(seed: number, rows: number, columns: number): Matrix {
  const random = createRandom(seed);
  const matrix = { rows, columns, values: new Float32Array(rows * columns) };
  for (let i = 0; i < rows; i++) {
    const row = rowOf(matrix, i);
    for (let few = random.integer(2); few >= 0; few--) row[1 + random.integer(2)] = random.next() - 0.5;
    if (random.integer(3) > 0) row[0] = 127;
  }
  return matrix;
}

describe.each(backendFamilies)("searches of many queries, %s", (_, createBackend) => {
  const backend = createBackend(2);

  it("list what those of fewer queries list, to the bit", async () => {
    const shape = fc.record({
      seed: fc.nat(1e6),
      rows: fc.integer({ min: 64, max: 1500 }),
      columns: fc.integer({ min: 16, max: 90 }),
      queries: fc.integer({ min: 128, max: 200 }),
      count: fc.integer({ min: 1, max: 8 }),
      views: fc.integer({ min: 1, max: 3 }),
      limits: fc.boolean(),
      vectors: fc.constantFrom(clustered, spiked),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ seed, rows, columns, queries, count, views, limits, vectors }) => {
        const random = createRandom(seed);
        const [items, asking] = [vectors(seed, rows, columns), vectors(seed + 1, queries, columns)];
        const flags = (length: number) => Uint8Array.from({ length }, () => Math.min(1, random.integer(4)));
        const view = (): ItemView & { readonly asked: Uint8Array } => ({
          allow: flags(rows),
          itemScale: Float32Array.from({ length: rows }, () => random.normal()),
          asked: flags(queries),
          length: [columns, columns, 16][random.integer(3)],
        });
        const limited = Array.from({ length: views }, view);
        const exclude = randomSparse(random, queries, rows, 5);
        const searched = async (from: number, to: number): Promise<readonly TopK[]> => {
          const part = Array.from({ length: to - from }, (_row, i) => from + i);
          const those = { queries: takeRows(asking, part), items, count };
          if (!limits) return [await backend.topK(those)];
          const within = limited.map(({ asked, ...rest }) => ({ ...rest, asked: asked.slice(from, to) }));
          return backend.topKViews({ ...those, exclude: takeSparseRows(exclude, part), views: within });
        };
        const together = await searched(0, queries);
        for (let part = 0; part < PARTS; part++) {
          const [from, to] = [part, part + 1].map((at) => Math.floor((at * queries) / PARTS));
          for (const [v, alone] of (await searched(from, to)).entries()) {
            expect(together[v].items.subarray(from * count, to * count)).toEqual(alone.items);
            expect(together[v].scores.subarray(from * count, to * count)).toEqual(alone.scores);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([1, 16])("list the same over several shares of the items, %i threads", async (threads) => {
    const several = createBackend(threads);
    const [items, asking] = [clustered(5, 17_000, 16), clustered(6, 130, 16)];
    const few = Array.from({ length: 65 }, (_row, i) => i);
    const together = await several.topK({ queries: asking, items, count: 9 });
    const alone = await several.topK({ queries: takeRows(asking, few), items, count: 9 });
    expect(together.items.subarray(0, 65 * 9)).toEqual(alone.items);
    expect(together.scores.subarray(0, 65 * 9)).toEqual(alone.scores);
  });

  it("list whoever comes first where all score alike", async () => {
    const [queries, items] = [clustered(1, 130, 16), clustered(2, 400, 16)];
    const nothing = { ...queries, values: new Float32Array(queries.values.length) };
    const { items: found } = await backend.topK({ queries: nothing, items, count: 3 });
    expect(found).toEqual(Int32Array.from({ length: found.length }, (_place, i) => i % 3));
  });
});
