/** The network: gradients against finite differences, Adam against its recurrence, early stopping, missing blocks. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { adamStep, createAdam } from "../../../src/networks/adam.ts";
import { mlp as mlpKind } from "../../../src/regressor/kinds/mlp/mlp.ts";
import { applyMlpMap, trunkNames } from "../../../src/regressor/kinds/mlp/mlp-map.ts";
import { mlpDimensions } from "../../../src/regressor/kinds/mlp/mlp-step-graph.ts";
import { openStepper } from "../../../src/regressor/kinds/mlp/onnx-stepper.ts";
import { fitWhitening } from "../../../src/regressor/kinds/mlp/whitening.ts";
import { fitRegressor, predictPrior } from "../../../src/regressor/regressor.ts";
import { squaredError } from "../../../src/regressor/residuals.ts";
import type { Progress } from "../../../src/run-context.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { randomMatrix } from "../../helpers/matrices.ts";
import { asKind } from "../../helpers/regressors.ts";

describe("one training step", () => {
  const shape = { inputs: 5, width: 4, depth: 2, outputs: 3 };
  const random = createRandom(4);
  const weights = Object.fromEntries(
    trunkNames(shape.depth).map((name) => [name, randomMatrix(random, ...mlpDimensions(name, shape))]),
  );
  const batch = {
    x: randomMatrix(random, 6, 5),
    y: randomMatrix(random, 6, 3),
    weights: Float64Array.from({ length: 6 }, (_, i) => (i + 1) / 21),
  };
  const skip = randomMatrix(random, 5, 3);
  const ones = { rows: 6, columns: 4, values: new Float32Array(24).fill(1) };
  const masks = [0, 1, 2].map((l) => ({ ...ones, values: ones.values.map((_, p) => ((p + l) % 3 === 0 ? 0 : 1.5)) }));

  it("gives the gradients that finite differences of its loss give, dropout and weights included", async () => {
    const stepper = await openStepper(shape);
    const { gradients } = await stepper.step(batch, masks, weights, skip);
    const width = 1e-2;
    for (const [name, matrix] of Object.entries(weights)) {
      const differences: number[] = [];
      for (let p = 0; p < matrix.values.length; p++) {
        const at = async (change: number) => {
          const values = matrix.values.slice();
          values[p] += change;
          return (await stepper.step(batch, masks, { ...weights, [name]: { ...matrix, values } }, skip)).loss;
        };
        differences.push(((await at(width)) - (await at(-width))) / (2 * width));
      }
      const scale = Math.max(...gradients[name].map(Math.abs));
      expect(scale, name).toBeGreaterThan(0);
      expect(largestDifference(gradients[name], differences) / scale, name).toBeLessThan(0.02);
    }
    await stepper.close();
  });

  it("has the loss of the network that is served", async () => {
    const stepper = await openStepper(shape);
    const { loss } = await stepper.step(batch, [ones, ones, ones], weights, skip);
    await stepper.close();
    const map = {
      depth: 2,
      members: [{ ...weights, skip }],
      epochs: 1,
      regularization: 1,
    } as const;
    const { values } = await applyMlpMap(map, batch.x, defaultBackend());
    const errors = Array.from(
      values,
      (value, p) => batch.weights[Math.floor(p / 3)] * (value - batch.y.values[p]) ** 2,
    );
    const expected = errors.reduce((sum, error) => sum + error, 0);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-4);
  });
});

describe("Adam", () => {
  it("is the recurrence of its paper, with decay apart from the gradient", () => {
    const [weights, state] = [Float32Array.of(1, -2), createAdam(2)];
    const expected = [1, -2];
    const [m, v] = [
      [0, 0],
      [0, 0],
    ];
    for (let step = 1; step <= 5; step++) {
      const gradient = Float32Array.of(0.5 * step, -1 / step);
      adamStep(weights, gradient, state, step, { learningRate: 0.1, weightDecay: 0.2 });
      for (const p of [0, 1]) {
        m[p] = 0.9 * m[p] + 0.1 * gradient[p];
        v[p] = 0.999 * v[p] + 0.001 * gradient[p] ** 2;
        const move = m[p] / (1 - 0.9 ** step) / (Math.sqrt(v[p] / (1 - 0.999 ** step)) + 1e-8);
        expected[p] -= 0.1 * move + 0.1 * 0.2 * expected[p];
      }
    }
    expect(largestDifference(weights, expected)).toBeLessThan(1e-5);
  });

  it("leaves no denormal moments behind", () => {
    const [weights, state] = [Float32Array.of(1), createAdam(1)];
    adamStep(weights, Float32Array.of(1e-15), state, 1, { learningRate: 0.1, weightDecay: 0 });
    for (let step = 2; step < 300; step++) {
      adamStep(weights, Float32Array.of(0), state, step, { learningRate: 0.1, weightDecay: 0 });
    }
    expect([state.first[0], state.second[0]]).toEqual([0, 0]);
  });
});

it("whitening turns the metric into plain squares, and is undone", async () => {
  const random = createRandom(6);
  const metric = { rows: 3, columns: 3, values: Float64Array.of(4, 1, 0, 1, 2, 0.5, 0, 0.5, 1) };
  const [y, other] = [randomMatrix(random, 20, 3), randomMatrix(random, 20, 3)];
  const whitening = await fitWhitening(y, metric, defaultBackend());
  const [white, whiteOther] = [await whitening.apply(y), await whitening.apply(other)];
  const zero = { ...y, values: new Float32Array(60) };
  expect(squaredError(white, zero)).toBeCloseTo(3, 5);
  const scaled = (squaredError(white, whiteOther) / 3) * squaredError(y, zero, metric);
  expect(scaled).toBeCloseTo(squaredError(y, other, metric), 4);
  expect(largestDifference((await whitening.undo(white)).values, y.values)).toBeLessThan(1e-5);
});

describe("the network", () => {
  const random = createRandom(7);
  const items = 600;
  const raw = randomMatrix(random, items, 6);
  const shapes = [
    { name: "text", dimension: 4 },
    { name: "image", dimension: 2 },
  ];
  const features = featureBlocks(raw, shapes);
  /** A product of two features: no linear map can say it. */
  const factors: Matrix = {
    rows: items,
    columns: 1,
    values: Float32Array.from({ length: items }, (_, i) => rowOf(raw, i)[0] * rowOf(raw, i)[1] + 0.1 * random.normal()),
  };
  const data = { features, factors, support: new Uint32Array(items).fill(1) };
  const mlp = {
    width: 32,
    depth: 1,
    dropout: 0,
    blockDropout: 0,
    maximumEpochs: 60,
    patience: 60,
    batch: 64,
    members: 1,
    learningRate: 0.01,
  };

  it("learns what a linear map cannot, from where the ridge stands, and shows loss and held-out error", async () => {
    const notes: Progress[] = [];
    const ridge = await fitRegressor(data);
    const net = await fitRegressor(data, { kind: "mlp", mlp }, { onProgress: (progress) => notes.push(progress) });
    expect(net.trials[0].error).toBe(Math.min(...ridge.trials.map(({ error }) => error)));
    expect(net.residualVariance[0]).toBeLessThan(0.5 * ridge.residualVariance[0]);
    expect(notes[0]).toMatchObject({
      stage: "mlp, early stopping",
      done: 1,
      note: expect.stringMatching(/^loss \S+, held-out error \S+ \(ridge/),
    });
    expect(notes.at(-1)).toMatchObject({ stage: "mlp", note: expect.stringMatching(/^loss /) });
  });

  it("stops at the pass with the least held-out error, after `patience` without a better one", async () => {
    const noise = { ...data, factors: randomMatrix(createRandom(1), items, 1) };
    const net = await fitRegressor(noise, { kind: "mlp", mlp: { ...mlp, patience: 3 } });
    const errors = net.trials.map(({ error }) => error);
    const best = errors.indexOf(Math.min(...errors));
    expect(asKind(net, mlpKind).epochs).toBe(best);
    expect(errors).toHaveLength(best + 4);
  });

  it("without a pass is the ridge", async () => {
    const options = { kind: "mlp", regularization: 0.01, mlp: { ...mlp, epochs: 0 } } as const;
    const [net, ridge] = [await fitRegressor(data, options), await fitRegressor(data, { regularization: 0.01 })];
    const [a, b] = [await predictPrior(net, features), await predictPrior(ridge, features)];
    expect(largestDifference(a.values, b.values)).toBeLessThan(1e-5);
  });

  it("that has met missing blocks in training loses less where one is missing", async () => {
    // Both blocks say the same: who relies on one alone fails without it.
    const values = raw.values.map((value, p) => (p % 6 === 4 ? raw.values[p - 4] : value));
    const told = { ...factors, values: factors.values.map((_, i) => 2 * raw.values[i * 6]) };
    const world = { ...data, features: featureBlocks({ ...raw, values }, shapes), factors: told };
    const learn = async (blockDropout: number) => {
      const regressor = await fitRegressor(world, { kind: "mlp", mlp: { ...mlp, epochs: 30, blockDropout } });
      return regressor.missingBlockInflation[0];
    };
    expect(await learn(0.4)).toBeLessThan(0.5 * (await learn(0)));
  });

  it("stops with INTERRUPTED between two steps", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const fitting = fitRegressor(data, { kind: "mlp", mlp }, { signal: controller.signal, onProgress });
    await expect(fitting).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
