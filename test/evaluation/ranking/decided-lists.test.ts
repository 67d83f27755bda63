/** Lists that end when the targets are decided, against whole searches. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { decidedLists, type TargetSearch } from "../../../src/evaluation/ranking/decided-lists.ts";
import { chooseBackend } from "../../../src/math/compute/backend.ts";
import type { ComputeBackend, TopKRequest } from "../../../src/math/compute/compute-backend.ts";
import type { SparseMatrix } from "../../../src/math/matrix.ts";
import { createRandom, type Random } from "../../../src/math/random.ts";

const [QUERIES, ITEMS, D] = [40, 3000, 9];

/** A few items of every row, ascending. */
function pattern(random: Random): SparseMatrix {
  const rows = Array.from({ length: QUERIES }, () =>
    [...new Set(Array.from({ length: random.integer(5) }, () => random.integer(ITEMS)))].sort((a, b) => a - b),
  );
  const indptr = new Uint32Array(QUERIES + 1);
  for (const [q, row] of rows.entries()) indptr[q + 1] = indptr[q] + row.length;
  const indices = Uint32Array.from(rows.flat());
  return { rows: QUERIES, columns: ITEMS, indptr, indices, values: new Float32Array(indices.length) };
}

/** Whole numbers make ties; targets like their query make some of them stand first. */
function searchOf(seed: number): TargetSearch {
  const random = createRandom(seed);
  const number = seed % 2 === 0 ? () => random.integer(5) - 2 : () => random.normal();
  const matrix = (rows: number) => ({
    rows,
    columns: D,
    values: Float32Array.from({ length: rows * D }, number),
  });
  const [queries, items, targets] = [matrix(QUERIES), matrix(ITEMS), pattern(random)];
  for (let q = 0; q < QUERIES; q += 3) {
    for (let p = targets.indptr[q]; p < targets.indptr[q + 1]; p++) {
      items.values.set(queries.values.subarray(q * D, (q + 1) * D), targets.indices[p] * D);
    }
  }
  const itemScale = seed % 3 === 0 ? undefined : Float32Array.from({ length: ITEMS }, () => random.next() - 0.1);
  return { queries, items, itemScale, targets, exclude: pattern(random), count: 10 };
}

function placesOf({ targets: { indptr, indices } }: TargetSearch, lists: Int32Array, count: number): number[] {
  return Array.from({ length: QUERIES }, (_, q) => {
    const list = lists.subarray(q * count, (q + 1) * count);
    return Array.from(indices.subarray(indptr[q], indptr[q + 1]), (item) => list.indexOf(item));
  }).flat();
}

it.each(["reference", "native"])("puts targets where a whole search by the %s kernel puts them", async (name) => {
  const backend = chooseBackend(name);
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), async (seed) => {
      const { targets, ...request } = searchOf(seed);
      const whole = await backend.topK(request);
      const places = placesOf({ targets, ...request }, whole.items, 10);
      expect(placesOf({ targets, ...request }, await decidedLists(backend, { targets, ...request }), 10)).toEqual(
        places,
      );
      expect(places.some((place) => place >= 0)).toBe(true);
    }),
    { numRuns: name === "native" ? 20 : 4 },
  );
});

it("searches less than all items for most queries", async () => {
  const backend = chooseBackend("native");
  let scored = 0;
  const counting: Pick<ComputeBackend, "topK"> = {
    topK: (request: TopKRequest) => {
      scored += request.queries.rows * request.items.rows;
      return backend.topK(request);
    },
  };
  await decidedLists(counting, searchOf(1));
  expect(scored).toBeLessThan((QUERIES * ITEMS) / 2);
});
