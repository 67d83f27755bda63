import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions, type Interactions, itemSupport } from "../../src/data/interactions.ts";
import { splitWarmTail } from "../../src/data/splits/split.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { similarItemsInput, similarityContenders, similarTruth } from "../../src/evaluation/similar-items.ts";
import type { SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";

const ITEMS = 9;

function randomInteractions(seed: number, days: number): Interactions {
  const random = createRandom(seed);
  const draw = (n: number) => Array.from({ length: 60 }, () => random.integer(n));
  const times = draw(days).map((day, i) => 86_400 * day + i);
  return createInteractions(12, ITEMS, { users: draw(12), items: draw(ITEMS), values: draw(1).map(() => 1), times });
}

interface Taken {
  readonly item: number;
  readonly time: number;
  readonly held: boolean;
}

function historyOf(user: number, train: Interactions, test: Interactions): Taken[] {
  const of = (side: Interactions, held: boolean) =>
    Array.from({ length: side.indptr[user + 1] - side.indptr[user] }, (_, i) => ({
      item: side.indices[side.indptr[user] + i],
      time: side.times?.[side.indptr[user] + i] ?? 0,
      held,
    }));
  return [...of(train, false), ...of(test, true)].sort((a, b) => a.time - b.time);
}

function countsOf({ rows, indptr, indices, values }: SparseMatrix): number[][] {
  return Array.from({ length: rows }, (_, q) => {
    const row = new Array<number>(ITEMS).fill(0);
    for (let p = indptr[q]; p < indptr[q + 1]; p++) row[indices[p]] = values[p];
    return row;
  });
}

/** Counted pair by pair. */
function oracle(train: Interactions, test: Interactions, isPair: (a: number, b: number, list: Taken[]) => boolean) {
  const table = () => Array.from({ length: ITEMS }, () => new Array<number>(ITEMS).fill(0));
  const [seen, truth] = [table(), table()];
  for (let user = 0; user < train.rows; user++) {
    const whole = historyOf(user, train, test);
    for (const [list, counts, wanted] of [
      [whole.filter(({ held }) => !held), seen, false],
      [whole, truth, true],
    ] as const) {
      list.forEach((from, a) => {
        list.forEach((to, b) => {
          if (a !== b && to.held === wanted && isPair(a, b, list)) counts[from.item][to.item]++;
        });
      });
    }
  }
  return truth.map((row, q) => row.map((count, t) => (seen[q][t] > 0 || q === t ? 0 : count)));
}

describe("the truth of similar items", () => {
  const seeds = fc.nat(1e6);

  it("next: who followed whom, pairs known from training left out", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { train, test } = splitWarmTail(randomInteractions(seed, 400), { count: 2 });
        const { truth, relation } = similarTruth(train, test);
        expect(relation).toBe("next");
        expect(countsOf(truth)).toEqual(oracle(train, test, (a, b) => b === a + 1));
      }),
      { numRuns: 25 },
    );
  });

  it("together: who was taken within the window, before or after", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { train, test } = splitWarmTail(randomInteractions(seed, 60), { kind: "random" });
        const near = (a: number, b: number, list: Taken[]) => Math.abs(list[a].time - list[b].time) <= 5 * 86_400;
        const expected = oracle(train, test, near);
        const truth = () => countsOf(similarTruth(train, test, { relation: "together", windowDays: 5 }).truth);
        if (expected.flat().every((count) => count === 0)) expect(truth).toThrow(/received none/);
        else expect(truth()).toEqual(expected);
      }),
      { numRuns: 25, examples: [[381_534]] },
    );
  });

  it("needs times for next and for windows, and something to ask", () => {
    const { times: _, ...untimed } = randomInteractions(1, 10);
    const { train, test } = splitWarmTail(untimed);
    for (const options of [{ relation: "next" }, { windowDays: 3 }] as const) {
      expect(() => similarTruth(train, test, options)).toThrow(/need times/);
    }
    expect(similarTruth(train, test).relation).toBe("together");
    expect(() => similarTruth(train, { ...test, indptr: new Uint32Array(13) })).toThrow(/received none/);
  });
});

describe("the protocol", () => {
  const { train, test } = splitWarmTail(randomInteractions(5, 400), { count: 2 });
  const known = similarTruth(train, test);
  const truth = countsOf(known.truth);
  const score = (rows: Uint32Array) => ({
    rows: rows.length,
    columns: ITEMS,
    values: Float32Array.from(rows.length === 0 ? [] : Array.from(rows).flatMap((q) => truth[q])),
  });
  const perfect = { name: "perfect", score, similar: { score } };

  it("gives the one who knows the counts everything, per query and by the query's support", async () => {
    const contenders = similarityContenders([perfect, { name: "without", score }]);
    expect(contenders.map(({ name }) => name)).toEqual(["perfect"]);
    const slices = [
      { name: "few", minimum: 0, maximum: 5 },
      { name: "many", minimum: 6, maximum: Number.POSITIVE_INFINITY },
    ];
    const input = { ...similarItemsInput(train, known, contenders), slices };
    const { results } = await evaluate(input, { metrics: ["ndcg@10", "recall-lift@10"], resamples: 100 });
    const support = itemSupport(train);
    for (const [slice, isIn] of [
      ["few", (q: number) => support[q] <= 5],
      ["many", (q: number) => support[q] > 5],
    ] as const) {
      const [figure] = results.filter((result) => result.slice === slice);
      expect(figure.value).toBeCloseTo(1, 12);
      expect(figure.n).toBe(truth.filter((row, q) => isIn(q) && row.some((count) => count > 0)).length);
    }
  });

  it("weighs a truth by its count over its popularity", () => {
    const { targetWeights } = similarItemsInput(train, known, [perfect]);
    const support = itemSupport(train);
    for (const [p, item] of known.truth.indices.entries()) {
      expect(targetWeights?.[p]).toBeCloseTo(known.truth.values[p] / (support[item] + 1), 12);
    }
  });
});
