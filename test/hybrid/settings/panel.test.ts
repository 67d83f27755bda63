/** The tail dial: its ends, and what the panel measures of it. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { scaleNorms } from "../../../src/hybrid/norms.ts";
import { dialTrials } from "../../../src/hybrid/settings/panel.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { largestDifference, norm } from "../../helpers/comparisons.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const vectors = randomMatrix(createRandom(1), 10, 5);
rowOf(vectors, 7).fill(0);

describe("scaleNorms", () => {
  it("is the identity at 0 and gives unit rows at 1; zero rows stay zero", () => {
    expect(largestDifference(scaleNorms(vectors, 0).values, vectors.values)).toBe(0);
    const unit = scaleNorms(vectors, 1);
    for (let i = 0; i < 10; i++) expect(norm(rowOf(unit, i))).toBeCloseTo(i === 7 ? 0 : 1, 6);
  });

  it("leaves |v|^(1 - t) of every length in between", () => {
    const dialled = scaleNorms(vectors, 0.3);
    for (const i of [0, 4, 9]) expect(norm(rowOf(dialled, i))).toBeCloseTo(norm(rowOf(vectors, i)) ** 0.7, 5);
  });
});

describe("the dial on a panel", () => {
  it("finds a short tail item once lengths no longer count", async () => {
    const train = createInteractions(1, 3, { users: [], items: [], values: [] });
    const test = createInteractions(1, 3, { users: [0], items: [1], values: [1] });
    const users = { rows: 1, columns: 2, values: Float32Array.of(1, 0) };
    // The target points the user's way but is short; a long item at 60 degrees outranks it until t > log 5 / log 10.
    const items = { rows: 3, columns: 2, values: Float32Array.of(5, 5 * Math.sqrt(3), 1, 0, 0, 1) };
    const trials = await dialTrials({ train, test }, { users, items }, [0, 0.6, 0.8, 1]);
    const second = 1 / Math.log2(3);
    expect(trials.map(({ tail }) => tail)).toEqual([0, 0.6, 0.8, 1]);
    for (const [t, ndcg] of [second, second, 1, 1].entries()) expect(trials[t].ndcg).toBeCloseTo(ndcg, 6);
  });
});
