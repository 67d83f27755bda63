/** The loss of equation 1, pair by pair, and what ALS does to it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { type ResolvedAlsOptions, settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { solveHalfSweep } from "../../src/als/half-sweep.ts";
import { type AlsFactors, alsObjective } from "../../src/als/objective.ts";
import { type Matrix, rowOf, type SparseMatrix, transposeSparse } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { dot } from "../helpers/comparisons.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";
import { denseConfidences, rowPenalty } from "../helpers/row-oracle.ts";

const optionsSource = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  regularization: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
  regularizationExponent: fc.constantFrom(0, 0.5, 1),
  unobservedWeight: fc.constantFrom(0.01, 0.1, 1),
  confidenceScale: fc.constantFrom(0.5, 1, 8),
});

/** Options under which ALS learns: where confidences are below unobservedWeight, fitAls says that it learned nothing. */
const learnableSource = optionsSource.filter(
  ({ confidenceScale, unobservedWeight }) => confidenceScale >= 1 && unobservedWeight <= 0.1,
);

function resolve(input: object): ResolvedAlsOptions {
  return settledAlsOptionsSchema.parse({ rank: 4, iterations: 1, ...input });
}

/** Every user with every item. */
function naiveObjective(
  interactions: SparseMatrix,
  { userFactors, itemFactors }: AlsFactors,
  options: ResolvedAlsOptions,
  prior?: Matrix,
): number {
  let loss = 0;
  for (let u = 0; u < interactions.rows; u++) {
    const confidences = denseConfidences(interactions, u, options.confidenceScale);
    const w = rowOf(userFactors, u);
    for (const [i, c] of confidences.entries()) {
      const score = dot(w, rowOf(itemFactors, i));
      loss += c * (score - 1) ** 2 + options.unobservedWeight * score ** 2;
    }
    loss += rowPenalty(confidences, options) * dot(w, w);
  }
  const byItem = transposeSparse(interactions);
  for (let i = 0; i < byItem.rows; i++) {
    const shift = Array.from(rowOf(itemFactors, i), (h, d) => h - (prior === undefined ? 0 : rowOf(prior, i)[d]));
    loss += rowPenalty(denseConfidences(byItem, i, options.confidenceScale), options) * dot(shift, shift);
  }
  return loss;
}

describe("alsObjective", () => {
  it("equals the loss summed over all users and items, with a prior and without", async () => {
    await fc.assert(
      fc.asyncProperty(optionsSource, async (input) => {
        const options = resolve(input);
        const random = createRandom(input.seed);
        const interactions = randomSparse(random, 12, 9, 5);
        const factors = { userFactors: randomMatrix(random, 12, 4), itemFactors: randomMatrix(random, 9, 4) };
        for (const prior of [undefined, randomMatrix(random, 9, 4)]) {
          const expected = naiveObjective(interactions, factors, options, prior);
          const loss = await alsObjective(interactions, factors, options, prior);
          expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("the objective never rises", () => {
  it("from one iteration of fitAls to the next", async () => {
    await fc.assert(
      fc.asyncProperty(learnableSource, async (input) => {
        const interactions = randomSparse(createRandom(input.seed), 30, 20, 8);
        let before = Number.POSITIVE_INFINITY;
        for (const iterations of [1, 2, 3, 4, 5]) {
          const options = resolve({ ...input, iterations });
          const loss = naiveObjective(interactions, await fitAls(interactions, options), options);
          expect(loss).toBeLessThanOrEqual(before * (1 + 1e-6));
          before = loss;
        }
      }),
      { numRuns: 15 },
    );
  });

  it("from one half-sweep to the next, when items are drawn to a prior", async () => {
    await fc.assert(
      fc.asyncProperty(optionsSource, async (input) => {
        const options = resolve(input);
        const random = createRandom(input.seed);
        const interactions = randomSparse(random, 30, 20, 8);
        const prior = randomMatrix(random, 20, 4);
        let itemFactors = randomMatrix(random, 20, 4);
        let userFactors = randomMatrix(random, 30, 4);
        const loss = () => naiveObjective(interactions, { userFactors, itemFactors }, options, prior);
        const losses = [loss()];
        for (let sweep = 0; sweep < 3; sweep++) {
          userFactors = await solveHalfSweep({ rows: interactions, factors: itemFactors }, options);
          losses.push(loss());
          const items = { rows: transposeSparse(interactions), factors: userFactors, prior };
          itemFactors = await solveHalfSweep(items, options);
          losses.push(loss());
        }
        for (let s = 1; s < losses.length; s++) expect(losses[s]).toBeLessThanOrEqual(losses[s - 1] * (1 + 1e-6));
        expect(losses[6]).toBeLessThan(losses[0]);
      }),
      { numRuns: 15 },
    );
  });
});
