import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import type { EvaluationInput } from "../../../src/evaluation/evaluation-input.ts";
import {
  type Contender,
  factorRanker,
  factorScorer,
  queriesOf,
  queryRanker,
} from "../../../src/evaluation/ranking/scorer.ts";
import { chooseBackend } from "../../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { randomRows, sparse } from "../sparse.ts";

const slices = [
  { name: "few", minimum: 0, maximum: 3 },
  { name: "many", minimum: 4, maximum: Number.POSITIVE_INFINITY },
];
const options = {
  metrics: ["ndcg@5", "recall@3", "precision@5", "f1@5", "map@5", "mrr@5", "hit@1", "ndcg-lift@5", "recall-lift@5"],
  listMetrics: ["item-coverage@4", "user-coverage@4", "gini@4", "novelty@4", "diversity@4", "tail-share@4"],
  resamples: 100,
};

/** Small whole numbers: float32 products are exact, and ties are common. */
function world(seed: number) {
  const random = createRandom(seed);
  const [users, items, rank] = [23, 17, 3];
  const dense = randomRows(random, users, items, 0.3);
  const held = dense.map((row) => row.map((value) => (value > 0 && random.next() < 0.4 ? value : 0)));
  const train = sparse(dense.map((row, u) => row.map((value, j) => (held[u][j] > 0 ? 0 : value))));
  const vectors = (rows: number): Matrix => ({
    rows,
    columns: rank,
    values: Float32Array.from({ length: rows * rank }, () => random.integer(5) - 2),
  });
  return { train, test: sparse(held), users: vectors(users), items: vectors(items) };
}

async function resultsOf(input: Omit<EvaluationInput, "contenders">, contender: Contender) {
  return (await evaluate({ ...input, contenders: [contender] }, options)).results;
}

describe("inner products give the same report", () => {
  it.each(["reference", "native"])("from the top-k of the %s kernel as from stored scores", async (name) => {
    const backend = chooseBackend(name);
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const { train, test, users, items } = world(seed);
        const input = { train, test, slices, itemContent: items };
        const scored = await resultsOf(input, { name: "model", score: factorScorer(users, items, backend) });
        expect(await resultsOf(input, { name: "model", ...factorRanker(users, items, backend) })).toEqual(scored);
      }),
      { numRuns: 8 },
    );
  });

  it("when models that differ in the factors of items alone are ranked together, and as scores", async () => {
    const { train, test, users, items } = world(7);
    const queries = queriesOf(users);
    const scales = [undefined, ...[1, 2].map((step) => items.values.slice(0, 17).map((value) => value * step))];
    const models = scales.map((scale, s) => ({ name: `${s}`, ...queryRanker(queries, items, undefined, scale) }));
    const input = { train, test, slices, itemContent: items };
    const together = (await evaluate({ ...input, contenders: models }, options)).results;
    for (const model of models) {
      const own = together.filter((result) => result.model === model.name);
      expect(own).toEqual(await resultsOf(input, model));
      expect(own).toEqual(await resultsOf(input, { name: model.name, score: model.score }));
    }
  });

  it("with items shut out of every candidate set", async () => {
    const { train, test, users, items } = world(3);
    const candidateFilter = new Uint8Array(items.rows).fill(1);
    const untested = [...candidateFilter.keys()].filter((item) => !test.indices.includes(item));
    for (const item of untested) candidateFilter[item] = 0;
    const input = { train, test, slices, candidateFilter, itemContent: items };
    const scored = await resultsOf(input, { name: "model", score: factorScorer(users, items) });
    expect(await resultsOf(input, { name: "model", ...factorRanker(users, items) })).toEqual(scored);
  });

  it("refuses vectors that are not finite and shapes that do not fit", async () => {
    const { train, test, users, items } = world(1);
    const broken = { ...items, values: items.values.map((value, p) => (p === 4 ? Number.NaN : value)) };
    await expect(resultsOf({ train, test }, { name: "broken", ...factorRanker(users, broken) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/"broken".*not finite in item row 1/),
    });
    await expect(resultsOf({ train, test }, { name: "turned", ...factorRanker(items, users) })).rejects.toMatchObject({
      message: expect.stringMatching(/"turned": expected vectors of 23 users and 17 items, received 17 x 3 and 23 x 3/),
    });
  });
});

describe("ready-made lists", () => {
  it("that hold every item give the report of the scores they came from", async () => {
    const { train, test, users, items } = world(5);
    const scores = await factorScorer(users, items)(Uint32Array.from({ length: users.rows }, (_, u) => u));
    // Stored entries may not be 0; a constant changes no order.
    const lists = sparse(Array.from({ length: users.rows }, (_, u) => Array.from(rowOf(scores, u), (v) => v + 100)));
    const input = { train, test, slices, itemContent: items };
    const scored = await resultsOf(input, { name: "model", score: factorScorer(users, items) });
    expect(await resultsOf(input, { name: "model", lists })).toEqual(scored);
  });

  it("gain nothing for a target that they do not hold", async () => {
    const train = sparse([[1, 0, 0, 0]]);
    const test = sparse([[0, 1, 0, 1]]);
    const results = await resultsOf({ train, test, slices: [] }, { name: "theirs", lists: sparse([[9, 0, 2, 1]]) });
    const figureNamed = (metric: string) => results.find((result) => result.metric === metric)?.value;
    // Item 0 is known to the user and leaves: the list is 2, 3; item 3 is second, item 1 nowhere.
    expect(figureNamed("mrr@5")).toBe(0.5);
    expect(figureNamed("recall@3")).toBe(0.5);
    expect(figureNamed("precision@5")).toBeCloseTo(1 / 5, 12);
    expect(figureNamed("user-coverage@4")).toBe(0);
    expect(figureNamed("item-coverage@4")).toBe(0.5);
  });
});
