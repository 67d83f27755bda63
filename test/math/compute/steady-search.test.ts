/** A query has the scores, to the last bit, that it has among many: who is searched together changes nothing. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { steadyTopK, steadyTopKViews } from "../../../src/math/compute/steady-search.ts";
import { rowRange } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { randomMatrix, randomSparse } from "../../helpers/matrices.ts";

const [QUERIES, ITEMS, COUNT] = [40, 300, 20];
const random = createRandom(4);
const backend = defaultBackend();

describe.each([3, 16, 65, 128])("a steady search of %d dimensions", (dimensions) => {
  const queries = randomMatrix(random, QUERIES, dimensions);
  const items = randomMatrix(random, ITEMS, dimensions);
  const scale = Float32Array.from({ length: ITEMS }, () => 0.5 + random.next());
  const taken = randomSparse(random, QUERIES, ITEMS, 30);
  const takenBy = (begin: number, end: number) => {
    const indptr = taken.indptr.slice(begin, end + 1).map((place) => place - taken.indptr[begin]);
    const indices = taken.indices.slice(taken.indptr[begin], taken.indptr[end]);
    return { ...taken, rows: end - begin, indptr, indices, values: new Float32Array(indices.length).fill(1) };
  };

  it.each([1, 2, 7, 15])("gives %d queries what they find among many", async (some) => {
    const all = await steadyTopK(backend, { queries, items, count: COUNT, exclude: taken });
    const few = { queries: rowRange(queries, 5, 5 + some), items, count: COUNT, exclude: takenBy(5, 5 + some) };
    const found = await steadyTopK(backend, few);
    const [begin, end] = [5 * COUNT, (5 + some) * COUNT];
    expect([found.items, found.scores]).toEqual([all.items.slice(begin, end), all.scores.slice(begin, end)]);
  });

  it("does so in every view, for those who ask in it", async () => {
    const asked = Uint8Array.from({ length: QUERIES }, (_, query) => query % 2);
    const views = [{ itemScale: scale }, { asked }];
    const all = await steadyTopKViews(backend, { queries, items, count: COUNT, views });
    const few = [{ itemScale: scale }, { asked: asked.slice(5, 8) }];
    const found = await steadyTopKViews(backend, { queries: rowRange(queries, 5, 8), items, count: COUNT, views: few });
    for (const [v, { scores }] of found.entries()) {
      expect(scores).toEqual(all[v].scores.slice(5 * COUNT, 8 * COUNT));
    }
  });
});
