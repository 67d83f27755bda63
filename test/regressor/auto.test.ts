/** Settings and kinds are chosen by held-out error, or by the order of held-out items where a caller ranks them. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { choosePenalty } from "../../src/regressor/penalty-choice.ts";
import { prepareTask } from "../../src/regressor/regression-task.ts";
import { fitRegressor, type RegressorContext, sameSetting } from "../../src/regressor/regressor.ts";
import { type RegressorOptions, regressorOptionsSchema } from "../../src/regressor/regressor-options.ts";
import { bestTrial, chooseSetting } from "../../src/regressor/setting-choice.ts";
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

  it("takes the first kind that no other ranks clearly better than, where held-out items are ranked", async () => {
    const seen: Uint32Array[] = [];
    const flat: Ranking = async (items) => {
      seen.push(items);
      return async () => new Float64Array(20).fill(0.25);
    };
    const { kind } = await fitRegressor(bumpy, options, { rankHeldOut: flat });
    expect(kind).toBe("ridge");
    for (const heldOut of seen) expect([...heldOut]).toEqual([...heldOut].sort((a, b) => a - b));
    expect(new Set(seen.map(String)).size).toBe(1);
    const notes: Progress[] = [];
    const context = { rankHeldOut: likes(bumpy), onProgress: (progress: Progress) => notes.push(progress) };
    const obeyed = await fitRegressor(bumpy, options, context);
    expect(obeyed.kind).toBe("kernel-ridge");
    expect(obeyed.trials.every(({ figure }) => figure !== undefined)).toBe(true);
    expect(notes.at(-1)).toMatchObject({ stage: "regressor kinds", done: 3, total: 3 });
    expect(notes.at(-1)?.note).toMatch(/^knn: held-out error \S+, validation -0\.\d{4}$/);
  });
});

type Ranking = NonNullable<RegressorContext["rankHeldOut"]>;

/** Figures that fall with the error of every single item: whoever predicts better is clearly better. */
function likes({ factors }: { readonly factors: Matrix }): Ranking {
  return async (items) => async (prediction) =>
    Float64Array.from(items, (item, i) => -Math.abs(factors.values[item] - prediction.values[i]));
}

describe("a setting", () => {
  const candidates = [0.001, 0.1, 10];
  const large: Ranking =
    async () =>
    async ({ values }) =>
      Float64Array.from(values, Math.abs);
  const small: Ranking =
    async () =>
    async ({ values }) =>
      Float64Array.from(values, (value) => -Math.abs(value));
  const alike: Ranking =
    async () =>
    async ({ values }) =>
      new Float64Array(values.length).fill(1);

  it.each(["ridge", "kernel-ridge"] as const)(
    "of %s has the least error, unless another ranks clearly better",
    async (kind) => {
      const chosen = async (rankHeldOut?: Ranking) => {
        const regressor = await fitRegressor(linear, { kind, candidates }, { rankHeldOut });
        return sameSetting({}, regressor).regularization;
      };
      expect(await chosen()).toBe(0.001);
      expect(await chosen(alike)).toBe(0.001);
      expect(await chosen(small)).toBe(10);
      expect(await chosen(large)).toBe(0.001);
    },
  );

  it.each(["ridge", "kernel-ridge", "knn", "mlp"] as const)(
    "of %s is not chosen where the ranking fails: the fit does",
    async (kind) => {
      const failing: Ranking = async () => {
        throw new Error("interrupted");
      };
      const mlp = { maximumEpochs: 2, width: 4, members: 1 };
      const fit = fitRegressor(linear, { kind, candidates, mlp }, { rankHeldOut: failing });
      await expect(fit).rejects.toThrow("interrupted");
    },
  );

  it("is asked for when there is a prediction to rank, so that no failure goes unheard", async () => {
    const context = { rankHeldOut: () => Promise.reject(new Error("interrupted")) };
    const { task } = prepareTask(linear, regressorOptionsSchema.parse({}), defaultBackend(), context);
    const predict = () => new Promise<Matrix>((resolve) => setTimeout(() => resolve(task.heldOut.y), 20));
    await expect(chooseSetting(task, [{ setting: {}, map: {}, predict }])).rejects.toThrow("interrupted");
  });

  it("of knn too", async () => {
    const knn = { neighbours: [3, 150], shrinkage: [0.1, 100] };
    const chosen = async (rankHeldOut?: Ranking) =>
      sameSetting({}, await fitRegressor(linear, { kind: "knn", knn }, { rankHeldOut })).knn;
    expect(await chosen()).toMatchObject({ neighbours: [3], shrinkage: [0.1] });
    expect(await chosen(small)).toMatchObject({ shrinkage: [100] });
  });

  it("is tried downwards from what a sample chose, as long as the smaller one is better", async () => {
    const { task } = prepareTask(linear, regressorOptionsSchema.parse({ candidates }), defaultBackend(), {});
    const fitted: number[][] = [];
    const method = {
      fit: async (_: string, penalties: readonly number[]) => {
        fitted.push([...penalties]);
        return penalties.map((regularization) => ({ regularization }));
      },
      predictHeldOut: async (maps: readonly { readonly regularization: number }[]) =>
        maps.map(({ regularization }) => offBy(task.heldOut.y, Math.abs(regularization - 0.01))),
    };
    const { validate, refit } = choosePenalty(task, method, [1], [0.1, 0.01, 0.001, 0.0001]);
    const { map, trials } = await validate();
    expect(map.regularization).toBe(0.01);
    expect(trials.map(({ setting }) => setting.regularization)).toEqual([1, 0.1, 0.01, 0.001]);
    expect((await refit()).regularization).toBe(0.01);
    expect(fitted).toEqual([[1], [0.1], [0.01], [0.001], [0.01]]);
  });
});

describe("a kind", () => {
  it("is known by the setting that it keeps, where one more makes another of those before it the best of all", async () => {
    // Each is better than the one before by as much as chance would make it, so that two steps together are clear.
    const chance = (i: number) => (i % 2 === 0 ? 0.5 : -0.5);
    const figuresOf = new Map([
      [0.01, () => 0],
      [1, (i: number) => 0.1 + chance(i)],
      [0.1, () => 0.2],
    ]);
    const errors = new Map([
      [0.01, 1],
      [1, 2],
      [0.1, 3],
    ]);
    const predicted = new Map<Matrix, number>();
    const rankHeldOut = async () => async (prediction: Matrix) =>
      Float64Array.from({ length: 12 }, (_, i) => figuresOf.get(predicted.get(prediction) ?? 0)?.(i) ?? Number.NaN);
    const { task } = prepareTask(linear, regressorOptionsSchema.parse({}), defaultBackend(), { rankHeldOut });
    const method = {
      fit: async (_: string, penalties: readonly number[]) => penalties.map((regularization) => ({ regularization })),
      predictHeldOut: async (maps: readonly { readonly regularization: number }[]) =>
        maps.map(({ regularization }) => {
          const prediction = offBy(task.heldOut.y, errors.get(regularization) ?? 0);
          predicted.set(prediction, regularization);
          return prediction;
        }),
    };
    const { map, trials, chosen } = await choosePenalty(task, method, [1, 0.1], [0.01]).validate();
    expect(bestTrial(trials).setting).toEqual({ regularization: 0.1 });
    expect(map.regularization).toBe(1);
    expect(chosen?.setting).toEqual({ regularization: 1 });
  });
});

function offBy(matrix: Matrix, difference: number): Matrix {
  return { ...matrix, values: matrix.values.map((value) => value + difference) };
}
