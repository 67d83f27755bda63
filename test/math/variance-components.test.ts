/** Shares of kernels on targets drawn from known shares. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { type Matrix, zeros } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { unitRows } from "../../src/math/row-norms.ts";
import { varianceComponents } from "../../src/math/variance-components.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const ITEMS = 150;
const TARGETS = 60;
const random = createRandom(11);
const backend = defaultBackend();

/** Features of a block: rows of length 1. */
const block = () => unitRows(randomMatrix(random, ITEMS, 12));

/** Y = sum_b sqrt(t_b) X_b W_b + sqrt(s) E with Gaussian W and E: its columns have covariance sum_b t_b X_b X_b' + s I. */
function drawTargets(blocks: readonly Matrix[], shares: readonly number[], noise: number): Matrix {
  const y = zeros(ITEMS, TARGETS);
  const add = (values: Float32Array, scale: number) => {
    for (let p = 0; p < values.length; p++) y.values[p] += scale * values[p];
  };
  for (const [b, x] of blocks.entries()) {
    const weights = randomMatrix(random, TARGETS, x.columns);
    for (let i = 0; i < ITEMS; i++) {
      for (let d = 0; d < TARGETS; d++) {
        let sum = 0;
        for (let j = 0; j < x.columns; j++) sum += x.values[i * x.columns + j] * weights.values[d * x.columns + j];
        y.values[i * TARGETS + d] += Math.sqrt(shares[b]) * sum;
      }
    }
  }
  add(randomMatrix(random, ITEMS, TARGETS).values, Math.sqrt(noise));
  return y;
}

async function learn(blocks: readonly Matrix[], targets: Matrix, iterations?: number) {
  const kernels = await Promise.all(blocks.map((x) => backend.multiplyTransposed(x, x)));
  return varianceComponents({ kernels, targets, iterations }, backend);
}

describe("variance components", () => {
  it("find the shares and the noise that the targets were drawn with", async () => {
    const blocks = [block(), block()];
    const { shares, noise } = await learn(blocks, drawTargets(blocks, [3, 1], 0.5), 100);
    expect(shares[0] / 3).toBeCloseTo(1, 0);
    expect(shares[0] / shares[1]).toBeGreaterThan(2);
    expect(shares[0] / shares[1]).toBeLessThan(4.5);
    expect(noise).toBeCloseTo(0.5, 1);
  });

  it("leave next to nothing to a block of noise", async () => {
    const [telling, silent] = [block(), block()];
    const { explained } = await learn([telling, silent], drawTargets([telling], [2], 0.5));
    expect(explained[1]).toBeLessThan(0.02 * explained[0]);
  });

  it("give a block and its copy together what the block alone would have", async () => {
    const [once, other] = [block(), block()];
    const targets = drawTargets([once, other], [2, 1], 0.5);
    const alone = (await learn([once, other], targets, 200)).shares;
    const copied = (await learn([once, once, other], targets, 200)).shares;
    expect((copied[0] + copied[1]) / copied[2] / (alone[0] / alone[1])).toBeCloseTo(1, 1);
  });

  it("never lower the likelihood: more steps bring the shares to rest", async () => {
    const blocks = [block(), block()];
    const targets = drawTargets(blocks, [1, 1], 1);
    const [late, later] = [await learn(blocks, targets, 200), await learn(blocks, targets, 201)];
    expect(Math.abs(late.shares[0] - later.shares[0])).toBeLessThan(1e-3);
  });

  it("give a kernel without variance, and targets without any, nothing", async () => {
    const constant = { rows: ITEMS, columns: 1, values: new Float32Array(ITEMS).fill(1) };
    const telling = block();
    const { explained } = await learn([constant, telling], drawTargets([telling], [1], 0.5));
    expect(explained[0]).toBeLessThan(1e-3);
    expect((await learn([telling], zeros(ITEMS, TARGETS))).explained).toEqual([0]);
  });
});
