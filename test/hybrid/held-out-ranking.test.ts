/** The order of held-out items, against a readable reference: users solved one by one, every item scored, NDCG by hand. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { solveHalfSweep } from "../../src/als/half-sweep.ts";
import { takeInteractionColumns, takeInteractions } from "../../src/data/interactions.ts";
import { heldOutRanking } from "../../src/hybrid/held-out-ranking.ts";
import { type Matrix, rowOf, takeRows } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { dot } from "../helpers/comparisons.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions } = makeWorld(4, { users: 60, items: 40, perUser: 6 });
const als = await fitAls(interactions, { rank: 5, iterations: 4 });
const items = Uint32Array.from({ length: 12 }, (_, i) => 3 * i + 1);
const others = Uint32Array.from({ length: 40 }, (_, i) => i).filter((item) => !items.includes(item));
const prediction = randomMatrix(createRandom(6), items.length, 5);

/** NDCG@10 of the held-out items that a user took, among the held-out items; undefined for who is not asked. */
async function referenceOf(user: number, predicted: Matrix): Promise<number | undefined> {
  const own = takeInteractions(interactions, [user]);
  const known = takeInteractionColumns(own, others);
  const taken = new Set(takeInteractionColumns(own, items).indices);
  if (taken.size === 0 || known.indices.length === 0) return undefined;
  const vector = await solveHalfSweep({ rows: known, factors: takeRows(als.itemFactors, others) }, als.options);
  const order = Array.from(items.keys()).sort(
    (a, b) => dot(vector.values, rowOf(predicted, b)) - dot(vector.values, rowOf(predicted, a)),
  );
  const gain = (places: readonly number[]) => places.reduce((sum, place) => sum + 1 / Math.log2(place + 2), 0);
  const hits = order.slice(0, 10).flatMap((item, place) => (taken.has(item) ? [place] : []));
  return gain(hits) / gain(Array.from({ length: Math.min(10, taken.size) }, (_, place) => place));
}

describe("heldOutRanking", () => {
  it("is NDCG@10 of everyone who took a held-out item and another one", async () => {
    const rank = await heldOutRanking({ interactions, als }, {})(items, 1);
    const expected: number[] = [];
    for (let user = 0; user < interactions.rows; user++) {
      const value = await referenceOf(user, prediction);
      if (value !== undefined) expected.push(value);
    }
    expect(expected.length).toBeGreaterThan(20);
    const figures = await rank(prediction);
    expect(figures).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(figures[i]).toBeCloseTo(value, 6);
  });

  it("ranks the factors of the held-out items themselves above noise", async () => {
    const rank = await heldOutRanking({ interactions, als }, {})(items, 1);
    const mean = async (predicted: Matrix) => {
      const figures = await rank(predicted);
      return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
    };
    expect(await mean(takeRows(als.itemFactors, items))).toBeGreaterThan(1.2 * (await mean(prediction)));
  });

  it("asks nobody in a catalog of one item, which is held out", async () => {
    const lone = takeInteractionColumns(interactions, Uint32Array.of(0));
    const factors = takeRows(als.itemFactors, [0]);
    const rank = await heldOutRanking({ interactions: lone, als: { ...als, itemFactors: factors } }, {})(
      Uint32Array.of(0),
      1,
    );
    expect(await rank(factors)).toHaveLength(0);
  });

  it("asks nobody where nobody took one and another", async () => {
    const rank = await heldOutRanking({ interactions: takeInteractions(interactions, []), als }, {})(items, 1);
    expect(await rank(prediction)).toHaveLength(0);
  });
});
