import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averagePrecision, hitRate, metricNamed, ndcg, recall, reciprocalRank } from "../../src/evaluation/metrics.ts";
import { rankOf } from "../../src/evaluation/ranking.ts";

/** A race with many ties: few distinct scores, some rows out of it. */
const race = fc
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

/** The list as it would be shown: sorted by score, ties by lower row. */
function relevanceList(scores: readonly number[], rows: readonly number[], targets: readonly number[]): boolean[] {
  return [...rows].sort((a, b) => scores[b] - scores[a] || a - b).map((row) => targets.includes(row));
}

function countedRanks(scores: readonly number[], rows: readonly number[], targets: readonly number[]): Uint32Array {
  return Uint32Array.from(targets, (target) =>
    rankOf(Float32Array.from(scores), Uint32Array.from(rows), target),
  ).sort();
}

function count(list: readonly boolean[]): number {
  return list.filter(Boolean).length;
}

function discountedGain(list: readonly boolean[]): number {
  return list.reduce((sum, relevant, i) => sum + (relevant ? 1 / Math.log2(i + 2) : 0), 0);
}

describe("ranks", () => {
  it("are the places of the targets in the sorted list", () => {
    fc.assert(
      fc.property(race, ({ scores, rows, targets }) => {
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
      fc.property(race, ({ scores, rows, targets, k }) => {
        check(relevanceList(scores, rows, targets), countedRanks(scores, rows, targets), k);
      }),
    );

  it("ndcg: gain of the list over gain of the perfect list", () => {
    holds((list, ranks, k) => {
      const perfect = [...list].sort((a, b) => Number(b) - Number(a));
      const expected = discountedGain(list.slice(0, k)) / discountedGain(perfect.slice(0, k));
      expect(ndcg(ranks, k)).toBeCloseTo(expected, 12);
    });
  });

  it("recall: relevant items shown over all relevant items", () => {
    holds((list, ranks, k) => expect(recall(ranks, k)).toBeCloseTo(count(list.slice(0, k)) / count(list), 12));
  });

  it("map: mean of the precisions at each relevant item shown, over min(k, n)", () => {
    holds((list, ranks, k) => {
      const precisions = list.slice(0, k).map((relevant, i) => (relevant ? count(list.slice(0, i + 1)) / (i + 1) : 0));
      const expected = precisions.reduce((sum, precision) => sum + precision, 0) / Math.min(k, count(list));
      expect(averagePrecision(ranks, k)).toBeCloseTo(expected, 12);
    });
  });

  it("hit rate and reciprocal rank: the first relevant item shown", () => {
    holds((list, ranks, k) => {
      const first = list.slice(0, k).indexOf(true);
      expect(hitRate(ranks, k)).toBe(first < 0 ? 0 : 1);
      expect(reciprocalRank(ranks, k)).toBe(first < 0 ? 0 : 1 / (first + 1));
    });
  });
});

describe("metric names", () => {
  it("a perfect list scores 1 under every metric when k covers the targets", () => {
    for (const name of ["ndcg@10", "recall@10", "map@10", "hit@10", "mrr@10"]) {
      expect(metricNamed(name)([1, 2, 3])).toBeCloseTo(1, 12);
    }
  });

  it("recall divides by all held-out items, ndcg and map by what the list can hold", () => {
    const ranks = Array.from({ length: 20 }, (_, i) => i + 1);
    expect(metricNamed("recall@10")(ranks)).toBe(0.5);
    expect(metricNamed("ndcg@10")(ranks)).toBe(1);
    expect(metricNamed("map@10")(ranks)).toBe(1);
  });

  it.each(["ndcg", "ndcg@0", "auc@10", "ndcg@-1", "ndcg@1e3", "constructor@1"])("%s is refused", (name) => {
    expect(() => metricNamed(name)).toThrow(/expected a metric such as "ndcg@10"/);
  });
});
