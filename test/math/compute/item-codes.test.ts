import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../property-seed.ts";
import { encodeItems } from "../../../src/math/compute/search/item-codes.ts";
import { rowOf, takeRows } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { backendFamilies } from "../../helpers/backends.ts";
import { clustered, randomSparse } from "../../helpers/matrices.ts";

describe.each(backendFamilies)("searches by codes, %s", (_, createBackend) => {
  const backend = createBackend(2);

  it("list what searches without them list, to the bit", async () => {
    const shape = fc.record({
      seed: fc.nat(1e6),
      rows: fc.integer({ min: 1, max: 400 }),
      columns: fc.integer({ min: 1, max: 90 }),
      queries: fc.integer({ min: 1, max: 6 }),
      count: fc.integer({ min: 1, max: 30 }),
      limits: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ seed, rows, columns, queries, count, limits }) => {
        const random = createRandom(seed);
        const items = clustered(seed, rows, columns);
        const asked = limits
          ? clustered(seed + 1, queries, columns)
          : takeRows(
              items,
              Uint32Array.from({ length: queries }, () => random.integer(rows)),
            );
        const limit = limits && {
          exclude: randomSparse(random, queries, rows, Math.min(rows, 5)),
          allow: Uint8Array.from({ length: rows }, () => random.integer(4)),
          itemScale: Float32Array.from({ length: rows }, () => random.normal()),
        };
        const request = { queries: asked, items, count, ...limit };
        const together = await backend.topK({ ...request, codes: encodeItems(items) });
        for (let i = 0; i < queries; i++) {
          const one = {
            ...request,
            queries: takeRows(asked, [i]),
            ...(limit && { exclude: rowPattern(limit.exclude, i) }),
          };
          const alone = await backend.topK(one);
          expect(together.items.subarray(i * count, (i + 1) * count)).toEqual(alone.items);
          expect(together.scores.subarray(i * count, (i + 1) * count)).toEqual(alone.scores);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("are refused where the codes are of other items", async () => {
    const items = clustered(1, 20, 4);
    const request = { queries: takeRows(items, [0]), items, count: 3 };
    const codes = encodeItems(clustered(1, 19, 4));
    await expect(backend.topK({ ...request, codes })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const errors = new Float32Array(19);
    await expect(backend.topK({ ...request, codes: { ...encodeItems(items), errors } })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});

function rowPattern({ columns, indptr, indices }: ReturnType<typeof randomSparse>, row: number) {
  const own = indices.slice(indptr[row], indptr[row + 1]);
  return {
    rows: 1,
    columns,
    indptr: Uint32Array.of(0, own.length),
    indices: own,
    values: new Float32Array(own.length),
  };
}

describe("codes of items", () => {
  it("are within their errors of the vectors, which are no larger than rounding makes them", () => {
    const items = clustered(5, 60, 17);
    const { codes, steps, errors } = encodeItems(items);
    for (let i = 0; i < items.rows; i++) {
      const lost = rowOf(items, i).map((value, d) => value - steps[i] * codes[i * 17 + d]);
      const length = Math.hypot(...lost);
      expect(errors[i]).toBeGreaterThanOrEqual(length);
      if (Number.isFinite(errors[i])) expect(errors[i]).toBeLessThanOrEqual((Math.sqrt(17) / 2) * steps[i] * 1.01);
    }
  });
});
