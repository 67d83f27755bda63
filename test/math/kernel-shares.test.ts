/** Shares of kernels on targets drawn from known shares, against the error written out. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { kernelShares, type ShareProblem } from "../../src/math/kernel-shares.ts";
import { type Matrix, rowOf, rowRange, zeros } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { unitRows } from "../../src/math/row-norms.ts";
import { denseSolve, randomMatrix } from "../helpers/matrices.ts";

const ITEMS = 200;
const KEPT = 120;
const TARGETS = 40;
const random = createRandom(11);
const backend = defaultBackend();

/** Features of a block: rows of length 1. */
const block = (columns = 12) => unitRows(randomMatrix(random, ITEMS, columns));

/** Y = sum_b sqrt(t_b) X_b W_b + sqrt(s) E with Gaussian W and E: its columns have covariance sum_b t_b X_b X_b' + s I. */
function drawTargets(blocks: readonly Matrix[], shares: readonly number[], noise: number): Matrix {
  const y = randomMatrix(random, ITEMS, TARGETS);
  for (let p = 0; p < y.values.length; p++) y.values[p] *= Math.sqrt(noise);
  for (const [b, x] of blocks.entries()) {
    const weights = randomMatrix(random, TARGETS, x.columns);
    for (let i = 0; i < ITEMS; i++) {
      for (let d = 0; d < TARGETS; d++) {
        const along = rowOf(x, i).reduce((sum, value, j) => sum + value * rowOf(weights, d)[j], 0);
        y.values[i * TARGETS + d] += Math.sqrt(shares[b]) * along;
      }
    }
  }
  return y;
}

async function problemOf(blocks: readonly Matrix[], targets: Matrix): Promise<ShareProblem> {
  const kernels = await Promise.all(blocks.map((x) => backend.multiplyTransposed(x, rowRange(x, 0, KEPT))));
  return { kernels, targets };
}

const learn = async (blocks: readonly Matrix[], targets: Matrix) =>
  kernelShares(await problemOf(blocks, targets), backend);

/** Held-out error of kernel ridge at shares t and penalty 1 over that of the mean, item by item. */
function writtenError(blocks: readonly Matrix[], targets: Matrix, shares: readonly number[]): number {
  const centre = (x: Matrix): Matrix => {
    const mean = Array.from({ length: x.columns }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < KEPT; i++) sum += x.values[i * x.columns + j];
      return sum / KEPT;
    });
    return { ...x, values: x.values.map((value, p) => value - mean[p % x.columns]) };
  };
  const [centred, y] = [blocks.map(centre), centre(targets)];
  const likeness = (i: number, j: number) =>
    centred.reduce(
      (sum, x, b) => sum + shares[b] * rowOf(x, i).reduce((inner, value, c) => inner + value * rowOf(x, j)[c], 0),
      0,
    );
  const system = Array.from({ length: KEPT ** 2 }, (_, p) => {
    const [i, j] = [Math.floor(p / KEPT), p % KEPT];
    return likeness(i, j) + (i === j ? 1 : 0);
  });
  let [error, whole] = [0, 0];
  for (let d = 0; d < TARGETS; d++) {
    const dual = denseSolve(
      system,
      Array.from({ length: KEPT }, (_, i) => y.values[i * TARGETS + d]),
    );
    for (let i = KEPT; i < ITEMS; i++) {
      const truth = y.values[i * TARGETS + d];
      error += (dual.reduce((sum, value, j) => sum + value * likeness(i, j), 0) - truth) ** 2;
      whole += truth ** 2;
    }
  }
  return error / whole;
}

describe("shares of kernels", () => {
  it("have the held-out error that is said, and none near them has less", async () => {
    const blocks = [block(), block(5)];
    const targets = drawTargets(blocks, [3, 1], 0.5);
    const { shares, error } = await learn(blocks, targets);
    expect(error).toBeCloseTo(writtenError(blocks, targets, shares), 4);
    for (const factors of [
      [0.7, 1],
      [1.4, 0.7],
    ]) {
      const near = shares.map((share, b) => factors[b] * share);
      expect(writtenError(blocks, targets, near)).toBeGreaterThan(error - 2e-4);
    }
  });

  it("find what the targets were drawn with", async () => {
    const blocks = [block(), block()];
    const { shares } = await learn(blocks, drawTargets(blocks, [3, 1], 0.5));
    expect(shares[0] / shares[1]).toBeGreaterThan(2);
    expect(shares[0] / shares[1]).toBeLessThan(4.5);
  });

  it("leave next to nothing to noise, and say that it tells nothing", async () => {
    const [telling, silent] = [block(), block()];
    const { shares, significance } = await learn([telling, silent], drawTargets([telling], [2], 0.5));
    expect(shares[1]).toBeLessThan(0.02 * shares[0]);
    expect(significance[0]).toBeGreaterThan(10);
    expect(significance[1]).toBeLessThan(1);
  });

  it("a block that carries everything carries, and what is nearly the identity does not stand for it", async () => {
    const [everything, wide] = [block(6), block(400)];
    const { shares, significance } = await learn([wide, everything], drawTargets([everything], [4], 0.1));
    expect(shares[0]).toBeLessThan(0.05 * shares[1]);
    expect(significance[0]).toBeLessThan(1);
  });

  it("give a block and its copy together what the block alone would have, half each", async () => {
    const [once, other] = [block(), block()];
    const targets = drawTargets([once, other], [2, 1], 0.5);
    const alone = (await learn([once, other], targets)).shares;
    const copied = (await learn([once, once, other], targets)).shares;
    expect(copied[0] / copied[1]).toBeCloseTo(1, 3);
    expect((copied[0] + copied[1]) / copied[2] / (alone[0] / alone[1])).toBeCloseTo(1, 1);
  });

  it("give a kernel without variance nothing, and find nothing in targets without any", async () => {
    const constant = { rows: ITEMS, columns: 1, values: new Float32Array(ITEMS).fill(1) };
    const telling = block();
    const { shares, significance } = await learn([constant, telling], drawTargets([telling], [1], 0.5));
    expect(shares[0]).toBe(0);
    expect(significance[0]).toBeLessThan(1);
    expect(await learn([telling], zeros(ITEMS, TARGETS))).toMatchObject({ significance: [0], error: 1 });
  });

  it("are the same bytes every time", async () => {
    const blocks = [block(), block()];
    const problem = await problemOf(blocks, drawTargets(blocks, [1, 1], 1));
    expect(await kernelShares(problem, backend)).toEqual(await kernelShares(problem, backend));
  });
});
