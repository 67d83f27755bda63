/** Kernels of blocks and the dual ridge on them, against their definitions written out. */
import { describe, expect, it } from "vitest";
import { standardise } from "../../../src/data/feature-matrix.ts";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { type Matrix, rowOf, rowRange, type SparseMatrix, takeRows, zeros } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { gramMatrix, kernelAgainst, kernelTerms } from "../../../src/regressor/kinds/kernel-ridge/block-kernels.ts";
import { kernelRidge } from "../../../src/regressor/kinds/kernel-ridge/kernel-ridge.ts";
import type { KernelTerm } from "../../../src/regressor/kinds/kernel-ridge/kernel-term.ts";
import { fitRegressor, predictPrior } from "../../../src/regressor/regressor.ts";
import type { RegressorOptions } from "../../../src/regressor/regressor-options.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { denseSolve, randomMatrix, sparseOf } from "../../helpers/matrices.ts";
import { asKind } from "../../helpers/regressors.ts";

const items = 40;
const random = createRandom(3);
const shapes = [
  { name: "text", dimension: 4, weight: 2 },
  { name: "image", dimension: 3 },
];
const features = featureBlocks(randomMatrix(random, items, 7), shapes, (row, block) => row % 5 !== block);
const factors = randomMatrix(random, items, 2);
const support = Float64Array.from({ length: items }, (_, i) => 1 + (i % 4));
const data = { features, factors, support };
const whole = { bandwidth: 1, byField: 0, seed: 1 };

function denseOf({ rows, columns, indptr, indices, values }: SparseMatrix): Matrix {
  const dense = zeros(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) dense.values[i * columns + indices[p]] = values[p];
  }
  return dense;
}

/** K(x, y) term by term. */
function naiveKernel(terms: readonly KernelTerm[], x: Float32Array, y: Float32Array): number {
  const bits = [x.length - 2, x.length - 1];
  let sum = bits.reduce((total, bit) => total + x[bit] * y[bit], 0);
  for (const { form, offset, dimension, bit, scale, width } of terms) {
    const [a, b] = [x, y].map((row) => Array.from(row.subarray(offset, offset + dimension)));
    const product = a.reduce((total, value, c) => total + value * b[c], 0);
    const square = a.reduce((total, value, c) => total + (value - b[c]) ** 2, 0);
    const cosine = product === 0 ? 0 : product / (Math.hypot(...a) * Math.hypot(...b));
    const present = x[bit] * y[bit];
    sum += scale * { linear: product, cosine, rbf: present * Math.exp(-square / width) }[form];
  }
  return sum;
}

describe("kernels of blocks", () => {
  it("against what was asked before, something else, and two at once", async () => {
    const { standardisation } = await fitRegressor(data);
    const x = standardise(features, standardisation);
    const terms = kernelTerms(features.blocks, () => ["rbf"], { x }, whole);
    const [few, others] = [takeRows(x, [3, 0, 7]), takeRows(x, [9, 30])];
    const expected = await Promise.all(
      [few, others].map(async (y) => {
        const similarTo = await kernelAgainst([...terms], 2, { x: y }, defaultBackend());
        return Float32Array.from((await similarTo({ x })).values);
      }),
    );
    for (const [y, values] of [
      [few, expected[0]],
      [others, expected[1]],
      [few, expected[0]],
    ] as const) {
      const [one, other] = await Promise.all([1, 2].map(() => kernelAgainst(terms, 2, { x: y }, defaultBackend())));
      const [first, second] = await Promise.all([one({ x }), other({ x })]);
      expect(Float32Array.from(first.values)).toEqual(values);
      expect(Float32Array.from(second.values)).toEqual(values);
    }
  });

  it.each([["linear"], ["cosine"], ["rbf"]] as const)(
    "%s: what its definition says, 0 where a block is missing",
    async (form) => {
      const { standardisation } = await fitRegressor(data);
      const x = standardise(features, standardisation);
      const terms = kernelTerms(features.blocks, () => [form], { x }, whole);
      const y = takeRows(x, [3, 0, 7]);
      const expected = Array.from({ length: items }, (_, i) =>
        [0, 1, 2].map((j) => naiveKernel(terms, rowOf(x, i), rowOf(y, j))),
      );
      const similarTo = await kernelAgainst(terms, 2, { x: y }, defaultBackend());
      // One function serves parts of any size, one after the other, from the same memory.
      for (const end of [5, items, 2]) {
        const received = await similarTo({ x: rowRange(x, 0, end) });
        expect(largestDifference(received.values, expected.slice(0, end).flat())).toBeLessThan(1e-5);
      }
    },
  );

  it.each([["linear"], ["cosine"], ["rbf"]] as const)(
    "%s on the sparse rows of a reduced block: what the rows say written out, not their reduction",
    async (form) => {
      const rows = sparseOf(randomMatrix(random, items, 9), (i, j) => (i + j) % 3 === 0 && i % 8 !== 0);
      const [text, image] = features.blocks;
      const blocks = [text, { ...image, isReduced: true, weight: 3 }];
      const x = standardise(features, (await fitRegressor(data)).standardisation);
      for (let i = 0; i < items; i++) x.values[i * x.columns + 8] = i % 8 === 0 ? 0 : 1;
      const inputs = { x, sparse: rows };
      const terms = kernelTerms(blocks, ({ isReduced }) => (isReduced ? [form] : []), inputs, whole);
      const dense = denseOf(rows);
      const wide = { rows: items, columns: 11, values: new Float32Array(items * 11) };
      for (let i = 0; i < items; i++) {
        wide.values.set(rowOf(dense, i), i * 11);
        wide.values.set(rowOf(x, i).subarray(7), i * 11 + 9);
      }
      const written = terms.map((term) => ({ ...term, offset: 0, dimension: 9, bit: 10 }));
      const expected = Array.from({ length: items }, (_, i) =>
        Array.from({ length: items }, (_, j) => naiveKernel(written, rowOf(wide, i), rowOf(wide, j))),
      );
      const received = await gramMatrix(terms, 2, inputs, defaultBackend());
      expect(terms).toHaveLength(1);
      expect(terms[0].scale).toBe(9);
      expect(largestDifference(received.values, expected.flat())).toBeLessThan(1e-4);
    },
  );

  it("rbf on fields: half on all of them together, half one a field by its share, 0 where either item lacks the field", async () => {
    const rows = sparseOf(
      randomMatrix(random, items, 9),
      (i, j) => (i + j) % 3 === 0 && (j < 4 ? i % 4 > 0 : i % 8 > 0),
    );
    const parts = [
      { name: "title", share: 0.25, terms: 4 },
      { name: "brand", share: 0.75, terms: 5 },
    ];
    const block = { name: "fields", kind: "fields", offset: 0, dimension: 0, weight: 2, isReduced: true, parts };
    const bits = Float32Array.from({ length: items }, (_, i) => (rows.indptr[i + 1] > rows.indptr[i] ? 1 : 0));
    const inputs = { x: { rows: items, columns: 1, values: bits }, sparse: rows };
    const terms = kernelTerms([block], () => ["rbf"], inputs, { ...whole, byField: 0.5 });
    expect(terms.map(({ scale }) => scale)).toEqual([0.5, 1.5, 2]);
    const dense = denseOf(rows);
    const rbf = (begin: number, end: number, width: number) => (i: number, j: number) => {
      const [a, b] = [i, j].map((row) => Array.from(rowOf(dense, row).subarray(begin, end)));
      const isThere = a.some((value) => value !== 0) && b.some((value) => value !== 0);
      return isThere ? Math.exp(-a.reduce((sum, value, c) => sum + (value - b[c]) ** 2, 0) / width) : 0;
    };
    const [title, brand, together] = terms.map(({ width }, t) => rbf([0, 4, 0][t], [4, 9, 9][t], width));
    const expected = Array.from({ length: items ** 2 }, (_, p) => {
      const [i, j] = [Math.floor(p / items), p % items];
      return bits[i] * bits[j] + 2 * together(i, j) + 0.5 * title(i, j) + 1.5 * brand(i, j);
    });
    const received = await gramMatrix(terms, 1, inputs, defaultBackend());
    expect(largestDifference(received.values, expected)).toBeLessThan(1e-5);
  });

  it("rbf is as wide as the median squared distance of the items that have the block, times the bandwidth squared", () => {
    const x = { rows: 3, columns: 2, values: Float32Array.of(0, 1, 2, 1, 100, 0) };
    const block = { name: "a", kind: "text", offset: 0, dimension: 1, weight: 3 } as const;
    const [term] = kernelTerms([block], () => ["rbf"], { x }, { ...whole, bandwidth: 0.5 });
    expect(term).toMatchObject({ width: 0.25 * 4, scale: 9 });
  });
});

/** min over a, b of sum_i v_i |y_i - (K a)_i - b|^2 + s (sum v) a'K a, by its dense optimality conditions, one output. */
function naiveDual(gram: number[][], y: readonly number[], weights: readonly number[], penalty: number) {
  const total = weights.reduce((sum, v) => sum + v, 0);
  const n = y.length;
  // V (K a + b 1 - y) + s total a = 0 and 1'a = 0.
  const left = Array.from({ length: (n + 1) ** 2 }, (_, p) => {
    const [i, j] = [Math.floor(p / (n + 1)), p % (n + 1)];
    if (i === n) return j === n ? 0 : 1;
    if (j === n) return weights[i];
    return weights[i] * gram[i][j] + (i === j ? penalty * total : 0);
  });
  return denseSolve(left, [...y.map((value, i) => weights[i] * value), 0]);
}

describe("kernel ridge", () => {
  it.each([0, 1])("is the minimum of its objective, items weighing support^%d", async (supportExponent) => {
    const options: RegressorOptions = { kind: "kernel-ridge", regularization: 0.05, supportExponent };
    const regressor = await fitRegressor(data, { ...options, kernelRidge: { forms: ["linear", "rbf"] } });
    const { terms } = asKind(regressor, kernelRidge);
    const x = standardise(features, regressor.standardisation);
    const gram = Array.from({ length: items }, (_, i) =>
      Array.from({ length: items }, (_, j) => naiveKernel(terms, rowOf(x, i), rowOf(x, j))),
    );
    const weights = Array.from(support, (count) => count ** supportExponent);
    const prior = await predictPrior(regressor, features);
    for (const d of [0, 1]) {
      const y = Array.from({ length: items }, (_, i) => factors.values[i * 2 + d]);
      const solution = naiveDual(gram, y, weights, 0.05);
      const expected = gram.map((row) => row.reduce((sum, value, j) => sum + value * solution[j], solution[items]));
      const received = Array.from({ length: items }, (_, i) => prior.values[i * 2 + d]);
      expect(largestDifference(received, expected)).toBeLessThan(1e-4);
    }
  });

  const linear: RegressorOptions = { kind: "kernel-ridge", regularization: 0.01, kernelRidge: { forms: ["linear"] } };

  it.each([0, 1])("on linear kernels is the ridge (support^%d)", async (supportExponent) => {
    const primal = await fitRegressor(data, { regularization: 0.01, supportExponent });
    const dual = await fitRegressor(data, { ...linear, supportExponent });
    const [a, b] = [await predictPrior(primal, features), await predictPrior(dual, features)];
    expect(largestDifference(a.values, b.values)).toBeLessThan(1e-5);
    expect(largestDifference(primal.residualVariance, dual.residualVariance)).toBeLessThan(1e-5);
  });

  it("on as many landmarks as the kernel has dimensions is exact", async () => {
    const few: RegressorOptions = { ...linear, kernelRidge: { forms: ["linear"], maximumTeachers: 20, landmarks: 25 } };
    const [exact, approximate] = [await fitRegressor(data, linear), await fitRegressor(data, few)];
    expect(asKind(approximate, kernelRidge).landmarks.rows).toBe(25);
    const priors: Matrix[] = [await predictPrior(exact, features), await predictPrior(approximate, features)];
    expect(largestDifference(priors[0].values, priors[1].values)).toBeLessThan(1e-3);
  });

  it("tries every penalty at the first bandwidth, then the others at the best penalty, and takes the least error", async () => {
    const [candidates, bandwidths] = [
      [0.001, 0.1],
      [1, 0.2, 5],
    ];
    const chosen = await fitRegressor(data, {
      kind: "kernel-ridge",
      candidates,
      kernelRidge: { forms: ["rbf"], bandwidths },
    });
    const { trials } = chosen;
    const penalty = trials[0].error < trials[1].error ? 0.001 : 0.1;
    expect(trials.map(({ setting }) => setting)).toEqual([
      { regularization: 0.001, bandwidth: 1 },
      { regularization: 0.1, bandwidth: 1 },
      { regularization: penalty, bandwidth: 0.2 },
      { regularization: penalty, bandwidth: 5 },
    ]);
    const best = trials.reduce((a, b) => (b.error < a.error ? b : a));
    const { regularization, bandwidth } = asKind(chosen, kernelRidge);
    expect({ regularization, bandwidth }).toEqual(best.setting);
  });

  it("has no bandwidth to choose without an rbf", async () => {
    const { trials } = await fitRegressor(data, { ...linear, kernelRidge: { forms: ["linear", "cosine"] } });
    expect(trials).toHaveLength(1);
  });

  it("does not see a block whose forms are none", async () => {
    const spoiled = { ...features, values: { ...features.values, values: features.values.values.slice() } };
    for (let i = 0; i < items; i++) spoiled.values.values.fill(random.normal(), i * 7, i * 7 + 4);
    const options: RegressorOptions = { kind: "kernel-ridge", kernelRidge: { blockForms: { text: [] } } };
    const [clean, other] = [
      await fitRegressor(data, options),
      await fitRegressor({ ...data, features: spoiled }, options),
    ];
    expect((await predictPrior(other, spoiled)).values).toEqual((await predictPrior(clean, features)).values);
  });

  it("refuses a kernel for a block that is not there", async () => {
    const options: RegressorOptions = { kind: "kernel-ridge", kernelRidge: { blockForms: { txet: ["rbf"] } } };
    await expect(fitRegressor(data, options)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining('did you mean "text"?'),
    });
  });
});
