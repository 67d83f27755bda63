/** Ties: a model that scores everything alike gets what chance gives, however the catalog is sorted. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { factorRanker } from "../../../src/evaluation/ranking/scorer.ts";
import { createTieOrder } from "../../../src/evaluation/ranking/tie-order.ts";
import { sparse } from "../sparse.ts";

const [USERS, ITEMS] = [400, 100];
/** Everybody is asked for one of the first ten items: a catalog sorted by popularity. */
const test = sparse(
  Array.from({ length: USERS }, (_, u) => Array.from({ length: ITEMS }, (_, j) => Number(j === u % 10))),
);
const train = sparse(
  Array.from({ length: USERS }, (_, u) => Array.from({ length: ITEMS }, (_, j) => Number(j === 99 - (u % 50)))),
);
const zeros = (rows: number) => ({ rows, columns: 2, values: new Float32Array(2 * rows) });

/** Share of users whose item is in the first ten: 10 of the 99 that compete, by chance. */
async function hitShare(seed: number) {
  const { factors, score } = factorRanker(zeros(USERS), zeros(ITEMS));
  const contenders = [
    { name: "factors", score, factors },
    { name: "scores", score },
  ];
  const { results } = await evaluate(
    { train, test, contenders, slices: [] },
    { metrics: ["hit@10"], seed, resamples: 100 },
  );
  return results.map(({ value }) => value);
}

describe("the order of ties", () => {
  it("is one of all items, the same for the same seed", () => {
    const { rows, places } = createTieOrder(50, 3);
    expect([...rows].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect([...rows].every((row, place) => places[row] === place)).toBe(true);
    expect(createTieOrder(50, 3)).toEqual({ rows, places });
    expect(createTieOrder(50, 4).rows).not.toEqual(rows);
  });

  it("gives a constant score what chance gives, and both ways of ranking the same", async () => {
    const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);
    const shares: number[] = [];
    for (const seed of seeds) {
      const [factors, scores] = await hitShare(seed);
      expect(factors).toBe(scores);
      shares.push(factors);
    }
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(Math.abs(mean - 10 / 99)).toBeLessThan(0.05);
  });
});
