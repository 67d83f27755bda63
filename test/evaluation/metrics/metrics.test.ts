import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricNamed } from "../../../src/evaluation/metrics/metric-kinds.ts";
import { metricOf } from "../../../src/evaluation/metrics/rank-metric.ts";
import { rankOf } from "../../../src/evaluation/ranking/ranking.ts";
import { createTieOrder } from "../../../src/evaluation/ranking/tie-order.ts";
import { createRandom } from "../../../src/math/random.ts";

/** Candidates with many ties: few distinct scores, some rows that do not compete. */
const candidates = fc
  .integer({ min: 1, max: 40 })
  .chain((items) =>
    fc.record({
      scores: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: items, maxLength: items }),
      candidates: fc.uniqueArray(fc.nat(items - 1), { minLength: 1 }),
      wanted: fc.array(fc.boolean(), { minLength: items, maxLength: items }),
      k: fc.integer({ min: 1, max: 12 }),
    }),
  )
  .map(({ scores, candidates, wanted, k }) => {
    const rows = candidates.sort((a, b) => a - b);
    const targets = rows.filter((row) => wanted[row]);
    return { scores, rows, targets: targets.length > 0 ? targets : rows.slice(-1), k };
  });

const SEED = 5;

/** The list as it would be shown: sorted by score, ties by the seeded order. */
function relevanceList(scores: readonly number[], rows: readonly number[], targets: readonly number[]): boolean[] {
  const { places } = createTieOrder(scores.length, SEED);
  return [...rows].sort((a, b) => scores[b] - scores[a] || places[a] - places[b]).map((row) => targets.includes(row));
}

function countedRanks(scores: readonly number[], rows: readonly number[], targets: readonly number[]): Uint32Array {
  const { places } = createTieOrder(scores.length, SEED);
  const inOrder = rows.toSorted((a, b) => places[a] - places[b]);
  return Uint32Array.from(targets, (target) =>
    rankOf(Float32Array.from(scores), Uint32Array.from(inOrder), target, places),
  ).sort();
}

function measured(name: string, ranks: ArrayLike<number>, weights?: ArrayLike<number>): number {
  return metricOf(metricNamed(name), ranks, weights);
}

function count(list: readonly boolean[]): number {
  return list.filter(Boolean).length;
}

function discountedGain(list: readonly boolean[]): number {
  return list.reduce((sum, relevant, i) => sum + (relevant ? 1 / Math.log2(i + 2) : 0), 0);
}

describe("ranks", () => {
  it("are exact as far as the depth, and deeper beyond it", () => {
    const random = createRandom(3);
    const scores = Float32Array.from({ length: 900 }, () => random.integer(300));
    const { rows, places } = createTieOrder(scores.length, SEED);
    for (const depth of [1, 10, 256, 899]) {
      for (const target of rows) {
        const rank = rankOf(scores, rows, target, places);
        const looked = rankOf(scores, rows, target, places, depth);
        if (rank <= depth) expect(looked).toBe(rank);
        else expect(looked).toBeGreaterThan(depth);
      }
    }
  });

  it("are the places of the targets in the sorted list", () => {
    fc.assert(
      fc.property(candidates, ({ scores, rows, targets }) => {
        const list = relevanceList(scores, rows, targets);
        const places = list.flatMap((relevant, i) => (relevant ? [i + 1] : []));
        expect([...countedRanks(scores, rows, targets)]).toEqual(places);
      }),
    );
  });

  it("ignore candidates at minus infinity", () => {
    expect([...countedRanks([-Infinity, -7, -Infinity], [0, 1, 2], [1])]).toEqual([1]);
  });
});

describe("metrics equal a brute-force oracle on the sorted list", () => {
  const holds = (check: (list: readonly boolean[], ranks: Uint32Array, k: number) => void) =>
    fc.assert(
      fc.property(candidates, ({ scores, rows, targets, k }) => {
        check(relevanceList(scores, rows, targets), countedRanks(scores, rows, targets), k);
      }),
    );

  it("ndcg: gain of the list over gain of the perfect list", () => {
    holds((list, ranks, k) => {
      const perfect = [...list].sort((a, b) => Number(b) - Number(a));
      const expected = discountedGain(list.slice(0, k)) / discountedGain(perfect.slice(0, k));
      expect(measured(`ndcg@${k}`, ranks)).toBeCloseTo(expected, 12);
    });
  });

  it("recall: relevant items shown over all relevant items", () => {
    holds((list, ranks, k) =>
      expect(measured(`recall@${k}`, ranks)).toBeCloseTo(count(list.slice(0, k)) / count(list), 12),
    );
  });

  it("map: mean of the precisions at each relevant item shown, over min(k, n)", () => {
    holds((list, ranks, k) => {
      const precisions = list.slice(0, k).map((relevant, i) => (relevant ? count(list.slice(0, i + 1)) / (i + 1) : 0));
      const expected = precisions.reduce((sum, precision) => sum + precision, 0) / Math.min(k, count(list));
      expect(measured(`map@${k}`, ranks)).toBeCloseTo(expected, 12);
    });
  });

  it("precision and f1: relevant items shown over k, and the harmonic mean with recall", () => {
    holds((list, ranks, k) => {
      const shown = count(list.slice(0, k));
      const [precision, recall] = [shown / k, shown / count(list)];
      const harmonic = shown === 0 ? 0 : 2 / (1 / precision + 1 / recall);
      expect(measured(`precision@${k}`, ranks)).toBeCloseTo(precision, 12);
      expect(measured(`f1@${k}`, ranks)).toBeCloseTo(harmonic, 12);
    });
  });

  it("the forms with weights: gains times weights, over their best order; equal weights change nothing", () => {
    holds((list, ranks, k) => {
      const weights = Float64Array.from(ranks, (_, j) => 1 + ((7 * j) % 5));
      const gains = list.map((relevant, i) => (relevant ? weights[count(list.slice(0, i))] : 0));
      const discounted = (values: readonly number[]) =>
        values.slice(0, k).reduce((sum, value, i) => sum + value / Math.log2(i + 2), 0);
      const best = [...gains].sort((a, b) => b - a);
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      expect(measured(`ndcg-lift@${k}`, ranks, weights)).toBeCloseTo(discounted(gains) / discounted(best), 12);
      expect(measured(`recall-lift@${k}`, ranks, weights)).toBeCloseTo(sum(gains.slice(0, k)) / sum(gains), 12);
      const equal = new Float64Array(ranks.length).fill(0.3);
      expect(measured(`ndcg-lift@${k}`, ranks, equal)).toBeCloseTo(measured(`ndcg@${k}`, ranks), 12);
      expect(measured(`recall-lift@${k}`, ranks, equal)).toBeCloseTo(measured(`recall@${k}`, ranks), 12);
    });
  });

  it("hit rate and reciprocal rank: the first relevant item shown", () => {
    holds((list, ranks, k) => {
      const first = list.slice(0, k).indexOf(true);
      expect(measured(`hit@${k}`, ranks)).toBe(first < 0 ? 0 : 1);
      expect(measured(`mrr@${k}`, ranks)).toBe(first < 0 ? 0 : 1 / (first + 1));
    });
  });
});

describe("metric names", () => {
  it("a perfect list scores 1 under every metric when k covers the targets", () => {
    for (const name of ["ndcg@10", "recall@10", "map@10", "hit@10", "mrr@10"]) {
      expect(measured(name, [1, 2, 3])).toBeCloseTo(1, 12);
    }
  });

  it("recall divides by all held-out items, ndcg and map by what the list can hold", () => {
    const ranks = Array.from({ length: 20 }, (_, i) => i + 1);
    expect(measured("recall@10", ranks)).toBe(0.5);
    expect(measured("ndcg@10", ranks)).toBe(1);
    expect(measured("map@10", ranks)).toBe(1);
  });

  it.each(["ndcg", "ndcg@0", "auc@10", "ndcg@-1", "ndcg@1e3", "constructor@1"])("%s is refused", (name) => {
    expect(() => metricNamed(name)).toThrow(/expected a metric such as "ndcg@10"/);
  });
});

describe("published worked examples", () => {
  // Croft, Metzler and Strohman, Search Engines: Information Retrieval in Practice (2009), chapter 8: two rankings of ten
  // documents, six of them relevant; the measures as trec_eval defines them.
  const croft: [string, readonly number[], number][] = [
    ["map@10", [1, 3, 4, 5, 6, 10], 0.78],
    ["map@10", [2, 5, 6, 7, 9, 10], 0.52],
    ["precision@10", [1, 3, 4, 5, 6, 10], 0.6],
    ["recall@5", [1, 3, 4, 5, 6, 10], 0.67],
    ["recall@5", [2, 5, 6, 7, 9, 10], 0.33],
    ["mrr@10", [1, 3, 4, 5, 6, 10], 1],
    ["mrr@10", [2, 5, 6, 7, 9, 10], 0.5],
  ];
  it.each(croft)("%s of relevant ranks %j is %f", (name, ranks, expected) => {
    expect(Math.abs(measured(name, ranks) - expected)).toBeLessThan(0.0051);
  });

  it("discounted gain: grades 3, 2, 3, 0, 1, 2, with a 3 and a 2 left out, give .785", () => {
    // The running example of the encyclopedia article "Discounted cumulative gain".
    expect(measured("ndcg-lift@6", [1, 2, 3, 5, 6, 7, 8], [3, 2, 3, 1, 2, 3, 2])).toBeCloseTo(0.785, 3);
  });
});
