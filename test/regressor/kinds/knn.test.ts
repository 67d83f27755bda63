/** Nearest neighbours against their equation, written out. */
import { expect, it } from "vitest";
import { standardise } from "../../../src/data/feature-matrix.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { fitRegressor, predictPrior } from "../../../src/regressor/regressor.ts";
import { dot, largestDifference, norm } from "../../helpers/comparisons.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const items = 30;
const random = createRandom(9);
const shapes = [
  { name: "text", dimension: 4, weight: 2 },
  { name: "image", dimension: 3 },
];
const features = featureBlocks(randomMatrix(random, items, 7), shapes, (row, block) => row % 6 !== block);
const factors = randomMatrix(random, items, 2);
const support = Float64Array.from({ length: items }, (_, i) => 1 + (i % 4));

it.each([0, 1])(
  "knn is the mean of the nearest items' factors by mixed cosine, shrunk to the mean (support^%d)",
  async (supportExponent) => {
    const knn = { neighbours: [4], shrinkage: [0.5] };
    const regressor = await fitRegressor({ features, factors, support }, { kind: "knn", knn, supportExponent });
    const x = standardise(features, regressor.standardisation);
    const content = Array.from({ length: items }, (_, i) => {
      const row = Array.from(rowOf(x, i));
      const unit = (part: number[], weight: number) =>
        part.map((value) => (weight * value) / (Math.hypot(...part) || 1));
      return [...unit(row.slice(0, 4), 2), ...unit(row.slice(4, 7), 1)];
    });
    const trust = Array.from(support, (count) => count ** supportExponent);
    const total = trust.reduce((sum, value) => sum + value, 0);
    const outcome = (i: number, d: number) => factors.values[i * 2 + d];
    const mean = [0, 1].map((d) => trust.reduce((sum, value, i) => sum + (value * outcome(i, d)) / total, 0));
    const expected = content.flatMap((own) => {
      const cosines = content.map((other) => dot(own, other) / (norm(own) * norm(other)));
      const nearest = cosines
        .map((_, j) => j)
        .sort((a, b) => cosines[b] - cosines[a] || a - b)
        .slice(0, 4);
      const weights = nearest.map((j) => (Math.max(0, cosines[j]) * trust[j] * items) / total);
      const sum = weights.reduce((a, b) => a + b, 0.5);
      return mean.map((m, d) => weights.reduce((value, w, n) => value + w * outcome(nearest[n], d), 0.5 * m) / sum);
    });
    const prior = await predictPrior(regressor, features);
    expect(largestDifference(prior.values, expected)).toBeLessThan(1e-5);
  },
);
