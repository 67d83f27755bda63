/** Layers and losses against finite differences, and the loop of training. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { denseLayer, reluLayer, sequence, sparseLayer, tanhLayer } from "../../src/networks/layers.ts";
import { type Loss, logisticLoss, multinomialLoss, squaredLoss } from "../../src/networks/losses.ts";
import { glorotParameter, parameterOf, uniformParameter, updateAll } from "../../src/networks/parameter.ts";
import { stepsOf, trainPasses } from "../../src/networks/passes.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { gradientError } from "./finite-differences.ts";

const backend = defaultBackend();
const random = createRandom(3);
const [ROWS, ITEMS, HIDDEN, OUTPUTS] = [9, 14, 6, 5];
const input = sparse(randomRows(random, ROWS, ITEMS, 0.4));
const table = glorotParameter(ITEMS, HIDDEN, random);
const shift = uniformParameter(1, HIDDEN, 0.3, random);
const weight = glorotParameter(OUTPUTS, HIDDEN, random);
const bias = uniformParameter(1, OUTPUTS, 0.3, random);
const parameters = [table, shift, weight, bias];

/** The loss of the small network, its gradients summed up. */
async function lossOf(middle: ReturnType<typeof tanhLayer>[], judge: (outputs: Matrix) => Loss): Promise<number> {
  const first = await sparseLayer(input, table, shift, backend);
  const rest = await sequence([...middle, denseLayer(weight, bias, backend)])(first.output);
  const { value, gradient } = judge(rest.output);
  first.backward(await rest.backward(gradient));
  return value;
}

describe("gradients agree with finite differences", () => {
  const targets = sparse(randomRows(random, ROWS, OUTPUTS, 0.5));
  const numbers = randomMatrix(random, ROWS, OUTPUTS);

  it("of sparse, tanh and dense layers under the multinomial loss", async () => {
    expect(
      await gradientError(parameters, () => lossOf([tanhLayer()], (y) => multinomialLoss(y, targets))),
    ).toBeLessThan(3e-3);
  });

  it("of a rectified layer under the squared loss", async () => {
    // A short step: few units turn on or off within it.
    const loss = () => lossOf([reluLayer()], (y) => squaredLoss(y, numbers));
    expect(await gradientError(parameters, loss, 0.002)).toBeLessThan(0.01);
  });

  it("of the logistic loss", async () => {
    const outputs = parameterOf(randomMatrix(random, ROWS, 1));
    const labels = Float32Array.from({ length: ROWS }, (_, i) => i % 2);
    const loss = async () => {
      const { value, gradient } = logisticLoss(outputs.matrix, labels);
      outputs.gradient.set(gradient.values);
      return value;
    };
    expect(await gradientError([outputs], loss)).toBeLessThan(3e-3);
  });
});

describe("the multinomial loss", () => {
  it("of huge logits stays a number", () => {
    const logits = { rows: 1, columns: 2, values: Float32Array.of(500, -500) };
    const { value, gradient } = multinomialLoss(logits, sparse([[0, 1]]));
    expect(value).toBe(1000);
    expect(Array.from(gradient.values)).toEqual([1, -1]);
  });
});

describe("training", () => {
  it("visits every example once a pass, in another order each, and counts its steps", async () => {
    const seen: number[][] = [[], []];
    let last = 0;
    const passes = { stage: "test", count: 10, batch: 4, epochs: 2 };
    const step = async (examples: Uint32Array, number: number) => {
      seen[number <= 3 ? 0 : 1].push(...examples);
      last = number;
      return 0;
    };
    await trainPasses(passes, createRandom(1), step, {});
    const ascending = (values: number[]) => [...values].sort((a, b) => a - b);
    expect(seen.map(ascending)).toEqual([0, 1].map(() => Array.from({ length: 10 }, (_, i) => i)));
    expect(seen[0]).not.toEqual(seen[1]);
    expect(last).toBe(stepsOf(passes));
  });

  it("stops between steps when it is cancelled", async () => {
    const controller = new AbortController();
    const step = async () => {
      controller.abort();
      return 0;
    };
    const run = trainPasses({ stage: "test", count: 4, batch: 1, epochs: 1 }, createRandom(1), step, controller);
    await expect(run).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("finds the least squares solution by Adam", async () => {
    const x = parameterOf({ rows: 1, columns: 2, values: Float32Array.of(3, -2) });
    for (let step = 1; step <= 800; step++) {
      x.gradient.set(squaredLoss(x.matrix, { rows: 1, columns: 2, values: Float32Array.of(1, 1) }).gradient.values);
      updateAll([x], step, { learningRate: 0.05, weightDecay: 0 });
    }
    for (const value of x.matrix.values) expect(value).toBeCloseTo(1, 3);
  });
});
