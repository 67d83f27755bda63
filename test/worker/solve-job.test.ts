/** The half-sweep of ALS by workers: any rows in any order are those of the fit, and a broken row stands alone. */
import { describe, expect, it } from "vitest";
import { settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { solveHalfSweep } from "../../src/als/half-sweep.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { jobKindNamed } from "../../src/worker/job-kinds.ts";
import { openSolve } from "../../src/worker/jobs/solve.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";
import { arrowBytes, type Columns, work } from "./arrow-bytes.ts";

const random = createRandom(5);
const options = settledAlsOptionsSchema.parse({ rank: 12, unobservedWeight: 0.1, confidenceScale: 2 });
const matrix = randomSparse(random, 60, 40, 25);
const factors = randomMatrix(random, 40, 12);
const prior = randomMatrix(random, 60, 12);

/** The given rows, the entries of each in falling order of their columns. */
function columnsOf(rows: readonly number[], priors?: Matrix): Columns {
  const { indptr, indices, values } = matrix;
  const entries = (list: ArrayLike<number>) =>
    rows.map((row) =>
      Array.from(list)
        .slice(indptr[row], indptr[row + 1])
        .reverse(),
    );
  const columns: Columns = {
    id: { type: "text", cells: rows.map(String) },
    indices: { type: "integers", cells: entries(indices) },
    weights: { type: "floats", cells: entries(values) },
  };
  if (priors === undefined) return columns;
  return { ...columns, prior: { type: "floats", cells: rows.map((row) => Array.from(rowOf(priors, row))) } };
}

describe("the job solve", () => {
  it.each([["without a prior", undefined] as const, ["with a prior", prior] as const])(
    "gives the factors of the half-sweep %s, in any order and any batches",
    async (_, priors) => {
      const expected = await solveHalfSweep({ rows: matrix, factors, prior: priors }, options);
      const order = Array.from({ length: 60 }, (_, i) => (i * 7 + 11) % 60);
      for (const batch of [4096, 7, 1]) {
        const job = await openSolve({ factors, options }, {});
        const { rows, counts } = await work(job, arrowBytes(columnsOf(order, priors), [13]), batch);
        expect(counts).toEqual({ rows: 60, quarantined: 0 });
        for (const [i, row] of rows.entries()) {
          expect(row.id).toBe(String(order[i]));
          expect(row.factors).toEqual(Array.from(rowOf(expected, order[i])));
        }
      }
    },
  );

  it("takes a Gram that is there already, of the right size", async () => {
    const gram = await defaultBackend().gram(factors);
    const [given, found] = [await openSolve({ factors, gram, options }, {}), await openSolve({ factors, options }, {})];
    const rows = arrowBytes(columnsOf([3, 4, 5]));
    expect((await work(given, rows)).rows).toEqual((await work(found, rows)).rows);
    const small = { rows: 11, columns: 11, values: new Float64Array(121) };
    await expect(openSolve({ factors, gram: small, options }, {})).rejects.toThrow(
      "a Gram of 12 x 12, received 11 x 11",
    );
  });

  it("sets every broken row aside with the reason, and solves the others as if it were not there", async () => {
    const good = columnsOf([3, 4]);
    const broken: readonly (readonly [indices: number[] | null, weights: number[] | null, reason: RegExp])[] = [
      [[0, 40], [1, 1], /index 40: expected a row in 0..39/],
      [[-1], [1], /index -1/],
      [[1, 1], [1, 2], /stands twice/],
      [[1, 2], [1], /2 indices and 1 weights/],
      [[1], [0], /weight 0/],
      [[1], [Number.NaN], /weight NaN/],
      [[1], [Number.POSITIVE_INFINITY], /weight Infinity/],
      [null, [1], /missing indices/],
      [[1], null, /missing weights/],
    ];
    const job = await openSolve({ factors, options }, {});
    const alone = await work(job, arrowBytes(good));
    const mixed: Columns = {
      id: { type: "text", cells: ["3", ...broken.map((_, i) => `broken ${i}`), "4"] },
      indices: {
        type: "integers",
        cells: [good.indices.cells[0], ...broken.map(([list]) => list), good.indices.cells[1]],
      },
      weights: {
        type: "floats",
        cells: [good.weights.cells[0], ...broken.map(([, list]) => list), good.weights.cells[1]],
      },
    };
    const { rows, counts } = await work(job, arrowBytes(mixed));
    expect(counts.quarantined).toBe(broken.length);
    expect([rows[0], rows[rows.length - 1]]).toEqual(alone.rows);
    for (const [i, [, , reason]] of broken.entries()) {
      expect(rows[i + 1]).toMatchObject({ id: `broken ${i}`, factors: null });
      expect(rows[i + 1].quarantine).toMatch(reason);
    }
  });

  it("asks for a number where the weight of unobserved pairs is left to the data", async () => {
    const open = { ...options, unobservedWeight: "auto" } as const;
    const request = { collaborative: open, factors: "none.npy", images: ".", by: "item", count: 10 } as const;
    await expect(jobKindNamed("solve").open(request, {})).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining("unobservedWeight: expected a number"),
    });
  });
});
