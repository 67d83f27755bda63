/** fitAls and fold-in against dense float64 solves of equation 1. */
import { describe, expect, it } from "vitest";
import { fitAls, foldInItems, foldInUsers } from "../../src/als/als.ts";
import { type AlsOptions, settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { solveHalfSweep } from "../../src/als/half-sweep.ts";
import { alsObjective } from "../../src/als/objective.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";
import { type Matrix, rowOf, type SparseMatrix, transposeSparse } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { dot, largestDifference } from "../helpers/comparisons.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";
import { denseConfidences, rowPenalty, solveDenseRow } from "../helpers/row-oracle.ts";

const options = settledAlsOptionsSchema.parse({
  rank: 5,
  iterations: 3,
  regularization: 0.02,
  regularizationExponent: 0.6,
  unobservedWeight: 0.3,
  confidenceScale: 1.7,
});

const random = createRandom(3);
const interactions = randomSparse(random, 40, 25, 9);
const prior = randomMatrix(random, 25, 5);
const start = randomMatrix(random, 25, 5);

/** Every row of one side solved against the other, by equation 1's normal equations. */
function denseSweep(rows: SparseMatrix, factors: Matrix, itemPrior?: Matrix): Matrix {
  const solved = Array.from({ length: rows.rows }, (_, i) => {
    const confidences = denseConfidences(rows, i, options.confidenceScale);
    const precision = new Array<number>(factors.columns).fill(rowPenalty(confidences, options));
    const { unobservedWeight } = options;
    return solveDenseRow({
      factors,
      confidences,
      unobservedWeight,
      precision,
      prior: itemPrior && rowOf(itemPrior, i),
    });
  });
  return { rows: rows.rows, columns: factors.columns, values: Float32Array.from(solved.flat()) };
}

function scores(users: Matrix, items: Matrix): number[] {
  return Array.from({ length: users.rows * items.rows }, (_, p) =>
    dot(rowOf(users, Math.floor(p / items.rows)), rowOf(items, p % items.rows)),
  );
}

describe("a half-sweep", () => {
  it("solves the normal equations of equation 1 in every row: confidence, scaled regularisation, item prior", async () => {
    const byItem = transposeSparse(interactions);
    const users = randomMatrix(createRandom(4), 40, 5);
    for (const itemPrior of [undefined, prior]) {
      const solved = await solveHalfSweep({ rows: byItem, factors: users, prior: itemPrior }, options);
      expect(largestDifference(solved.values, denseSweep(byItem, users, itemPrior).values)).toBeLessThan(1e-4);
    }
  });

  it("gives a row without interactions zeros, or a share of its prior", async () => {
    const rows = {
      ...interactions,
      rows: 1,
      indptr: Uint32Array.of(0, 0),
      indices: new Uint32Array(),
      values: new Float32Array(),
    };
    const single = { rows: 1, columns: 5, values: prior.values.slice(0, 5) };
    expect(Array.from((await solveHalfSweep({ rows, factors: start }, options)).values)).toEqual([0, 0, 0, 0, 0]);
    const drawn = await solveHalfSweep({ rows, factors: start, prior: single }, options);
    expect(largestDifference(drawn.values, denseSweep(rows, start, single).values)).toBeLessThan(1e-5);
    expect(dot(drawn.values, drawn.values)).toBeLessThan(dot(single.values, single.values));
  });
});

describe("fitAls", () => {
  it("scores as the plain alternation of dense solves does, whatever basis it returns", async () => {
    for (const itemPrior of [undefined, prior]) {
      const model = await fitAls(interactions, options, { start, itemPrior });
      let items = start;
      let users = start;
      for (let iteration = 0; iteration < options.iterations; iteration++) {
        users = denseSweep(interactions, items);
        items = denseSweep(transposeSparse(interactions), users, itemPrior);
      }
      expect(largestDifference(scores(model.userFactors, model.itemFactors), scores(users, items))).toBeLessThan(1e-4);
    }
  });

  it("returns the Gram of its user factors, diagonal and descending", async () => {
    const { userFactors, gram } = await fitAls(interactions, options);
    const naive = Array.from({ length: 25 }, (_, p) => {
      const column = (d: number) => Array.from({ length: 40 }, (_, u) => userFactors.values[u * 5 + d]);
      return dot(column(Math.floor(p / 5)), column(p % 5));
    });
    expect(largestDifference(gram.values, naive)).toBeLessThan(1e-6);
    const diagonal = Array.from({ length: 5 }, (_, d) => gram.values[d * 6]);
    const offDiagonal = gram.values.filter((_, p) => p % 6 !== 0);
    expect(diagonal).toEqual([...diagonal].sort((a, b) => b - a));
    expect(diagonal[4]).toBeGreaterThan(0);
    expect(Math.max(...offDiagonal.map(Math.abs))).toBeLessThan(1e-5 * diagonal[0]);
  });

  it("comes within a thousandth of the exact solver's loss by conjugate gradients, and ends on exact item rows", async () => {
    const rows = randomSparse(createRandom(31), 300, 120, 30);
    const shared = { rank: 12, iterations: 8 };
    const exact = await fitAls(rows, shared);
    const cg = await fitAls(rows, { ...shared, solver: "cg" });
    const [best, reached] = [await alsObjective(rows, exact, shared), await alsObjective(rows, cg, shared)];
    expect(cg.itemFactors).not.toEqual(exact.itemFactors);
    expect(Math.abs(reached / best - 1)).toBeLessThan(1e-3);
    const folded = await foldInItems(cg, transposeSparse(rows));
    expect(largestDifference(folded.values, cg.itemFactors.values)).toBeLessThan(1e-5);
  });

  it("gives the same bytes for the same seed on 1 and on 2 threads, other factors for another seed", async () => {
    const fitted = (threads: number, seed: number) =>
      fitAls(interactions, { ...options, seed }, { backend: createReferenceBackend({ threads }) });
    const first = await fitted(1, 1);
    expect(await fitted(2, 1)).toEqual(first);
    const other = await fitted(1, 2);
    expect(
      largestDifference(scores(other.userFactors, other.itemFactors), scores(first.userFactors, first.itemFactors)),
    ).toBeGreaterThan(1e-3);
  });

  it("leaves its input as it was", async () => {
    const before = structuredClone({ interactions, start, prior });
    await fitAls(interactions, options, { start, itemPrior: prior });
    expect({ interactions, start, prior }).toEqual(before);
  });

  it("fits interactions in which an item, or a user, has none, even if only observed pairs count", async () => {
    const model = await fitAls(withoutItem(interactions, 7), {
      ...options,
      unobservedWeight: 0,
      regularizationExponent: 1,
    });
    expect(Array.from(rowOf(model.itemFactors, 7))).toEqual([0, 0, 0, 0, 0]);
    expect(model.userFactors.values.every(Number.isFinite)).toBe(true);
  });

  it("refuses data without users or items, and names the row of a broken weight or index, by either solver", async () => {
    const nobody = {
      rows: 0,
      columns: 4,
      indptr: new Uint32Array(1),
      indices: new Uint32Array(),
      values: new Float32Array(),
    };
    const whole = { rows: 2, columns: 4, indptr: Uint32Array.of(0, 1, 3), indices: Uint32Array.of(2, 0, 3) };
    const train = (data: SparseMatrix, solver: "exact" | "cg") => fitAls(data, { rank: 2, iterations: 2, solver });
    for (const solver of ["exact", "cg"] as const) {
      const received = "received 0 users and 4 items with 0 interactions";
      const message = `expected users, items and interactions to train on, ${received}; add interactions`;
      await expect(train(nobody, solver)).rejects.toMatchObject({ code: "NOT_ENOUGH_DATA", message });
      for (const broken of [Number.NaN, -1, 0, Number.POSITIVE_INFINITY]) {
        const data = { ...whole, values: Float32Array.of(1, 1, broken) };
        const refusal = `a positive finite weight in row 1, received ${broken}`;
        await expect(train(data, solver)).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
          message: expect.stringContaining(refusal),
        });
      }
      const outside = { ...whole, indices: Uint32Array.of(2, 0, 4), values: Float32Array.of(1, 1, 1) };
      const refusal = "an index below 4 in row 1, received 4";
      await expect(train(outside, solver)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(refusal),
      });
    }
  });

  it("names the option that an unknown key was meant to be", async () => {
    const misspelt = { unobservedWieght: 1 } as AlsOptions;
    await expect(fitAls(interactions, misspelt)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'collaborative: unknown key "unobservedWieght", did you mean "unobservedWeight"?',
    });
  });

  it("reports every iteration, and stops with INTERRUPTED once cancelled", async () => {
    const seen: number[] = [];
    await fitAls(interactions, options, { onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([0, 1, 2, 3]);
    const controller = new AbortController();
    const cancelled = fitAls(interactions, options, {
      signal: controller.signal,
      onProgress: ({ done }) => done === 1 && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("fold-in", () => {
  it("of a training item's row reproduces its factors, with the prior too", async () => {
    const model = await fitAls(interactions, options);
    const folded = await foldInItems(model, transposeSparse(interactions));
    expect(largestDifference(folded.values, model.itemFactors.values)).toBeLessThan(1e-6);
    const drawn = await foldInItems(model, transposeSparse(interactions), { itemPrior: prior });
    expect(
      largestDifference(drawn.values, denseSweep(transposeSparse(interactions), model.userFactors, prior).values),
    ).toBeLessThan(1e-4);
  });

  it("of a user solves equation 2 against the given item vectors, which may be wider than the rank", async () => {
    const vectors = randomMatrix(createRandom(9), 25, 8);
    const folded = await foldInUsers(interactions, vectors, options);
    expect(largestDifference(folded.values, denseSweep(interactions, vectors).values)).toBeLessThan(1e-4);
  });
});

function withoutItem(rows: SparseMatrix, item: number): SparseMatrix {
  const kept = (_: number, p: number) => rows.indices[p] !== item;
  const removedBefore = (p: number) => rows.indices.subarray(0, p).filter((column) => column === item).length;
  return {
    ...rows,
    indptr: rows.indptr.map((p) => p - removedBefore(p)),
    indices: rows.indices.filter(kept),
    values: rows.values.filter(kept),
  };
}
