/** kind: auto decides by held-out error, or by the caller's figure, and says what it tried. */
import { describe, expect, it } from "vitest";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { fitRegressor, predictPrior } from "../../src/regressor/regressor.ts";
import type { RegressorOptions } from "../../src/regressor/regressor-options.ts";
import type { Progress } from "../../src/run-context.ts";
import { dot } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const items = 200;
const random = createRandom(2);
const raw = randomMatrix(random, items, 5);
const features = featureBlocks(raw, [{ name: "text", dimension: 5 }]);
const outcome = (value: (row: Float32Array) => number): Matrix => ({
  rows: items,
  columns: 1,
  values: Float32Array.from({ length: items }, (_, i) => value(rowOf(raw, i)) + 0.01 * random.normal()),
});
const support = new Uint32Array(items).fill(1);
const direction = [1, -2, 0.5, 0, 1];
const linear = { features, factors: outcome((row) => dot(row, direction)), support };
const bumpy = { features, factors: outcome((row) => Math.exp(-dot(row, row) / 5)), support };
const options: RegressorOptions = {
  kind: "auto",
  kinds: ["ridge", "kernel-ridge", "knn"],
  kernelRidge: { forms: ["rbf"] },
};

describe("kind: auto", () => {
  it("takes the kind with the least held-out error", async () => {
    expect((await fitRegressor(linear, options)).kind).toBe("ridge");
    expect((await fitRegressor(bumpy, options)).kind).toBe("kernel-ridge");
  });

  it("gives what the chosen kind alone would give, and the trials of all", async () => {
    const { trials, ...chosen } = await fitRegressor(linear, options);
    const alone = await Promise.all((options.kinds ?? []).map((kind) => fitRegressor(linear, { ...options, kind })));
    const { trials: _trials, ...ridge } = alone[0];
    expect(chosen).toEqual(ridge);
    expect(trials).toEqual(alone.flatMap((regressor) => regressor.trials));
  });

  it("obeys the caller's figure where it is clear, and records it at each kind's best trial", async () => {
    const knn = await predictPrior(await fitRegressor(linear, { ...options, kind: "knn" }), features);
    const likesKnn = async ({ values }: Matrix) =>
      new Float64Array(20).fill(values.every((value, p) => value === knn.values[p]) ? 0.75 : 0.25);
    const notes: Progress[] = [];
    const context = { measure: likesKnn, onProgress: (progress: Progress) => notes.push(progress) };
    const { kind, trials } = await fitRegressor(linear, options, context);
    expect(kind).toBe("knn");
    const figures = trials.filter(({ figure }) => figure !== undefined);
    expect(figures.map((trial) => [trial.kind, trial.figure])).toEqual([
      ["ridge", 0.25],
      ["kernel-ridge", 0.25],
      ["knn", 0.75],
    ]);
    expect(notes.at(-1)).toMatchObject({ stage: "regressor kinds", done: 3, total: 3 });
    expect(notes.at(-1)?.note).toMatch(/^knn: held-out error \S+, validation 0\.7500$/);
  });
});
