/** The contract of every kernel, run against each implementation; oracles are dense float64 and naive. */
import { describe, expect, it } from "vitest";
import type { ComputeBackend, RowSystems } from "../../../src/math/compute/backend.ts";
import { diagonalBasis } from "../../../src/math/compute/diagonal-basis.ts";
import { loadNativeAddon } from "../../../src/math/compute/native/native-addon.ts";
import { createNativeBackend } from "../../../src/math/compute/native/native-backend.ts";
import { sharedMatrix, sharedZeros } from "../../../src/math/compute/shared-memory.ts";
import { columnRange, type Matrix, type SparseMatrix, transposeSparse, zeros } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import type { Progress } from "../../../src/run-context.ts";
import { backendFamilies } from "../../helpers/backends.ts";
import { denseSolve, randomMatrix, randomSparse } from "../../helpers/matrices.ts";

const loaded = loadNativeAddon();
const kernels = backendFamilies.map(([name, create]) => [name, create(2)] as const);

describe.each(kernels)("kernel %s", (_, backend) => {
  it("solves short, long and empty rows as a dense float64 solve does", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    const solution = await backend.solveRows(systems);
    for (let i = 0; i < systems.rows.rows; i++) {
      const expected = denseRow(systems, i);
      for (let d = 0; d < 6; d++) expect(solution.values[i * 6 + d]).toBeCloseTo(expected[d], 4);
    }
  });

  it("reaches the exact solution by conjugate gradients, from any start", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    const exact = await backend.solveRows(systems);
    const start = randomMatrix(createRandom(8), 30, 6);
    for (const begin of [undefined, start]) {
      const stepped = await backend.solveRows({ ...systems, solver: "cg", steps: 12, start: begin });
      for (let p = 0; p < exact.values.length; p++)
        expect(Math.abs(stepped.values[p] - exact.values[p])).toBeLessThan(4e-3);
    }
  });

  it("ends conjugate gradients within 1e-4 of the shared quadratic term of the least loss, row by row", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    const start = randomMatrix(createRandom(8), 30, 6);
    const stepped = await backend.solveRows({ ...systems, solver: "cg", steps: 40, start });
    const few = await backend.solveRows({ ...systems, solver: "cg", steps: 1, start });
    for (let i = 0; i < 30; i++) {
      const y = Array.from(stepped.values.subarray(i * 6, (i + 1) * 6));
      expect(excessLoss(systems, i, y)).toBeLessThan(1.01e-4 * sharedTerm(systems, i, y));
    }
    // The bound is not idle: one step leaves more.
    const left = Array.from({ length: 30 }, (_, i) => Array.from(few.values.subarray(i * 6, (i + 1) * 6)));
    expect(left.some((y, i) => excessLoss(systems, i, y) > 1e-3 * sharedTerm(systems, i, y))).toBe(true);
  });

  it("leaves an exact start as it is", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    const start = await backend.solveRows(systems);
    const stepped = await backend.solveRows({ ...systems, solver: "cg", start });
    for (let p = 0; p < start.values.length; p++)
      expect(Math.abs(stepped.values[p] - start.values[p])).toBeLessThan(4e-3);
  });

  it("computes the Gram where it is not given", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    for (const solver of ["exact", "cg"] as const) {
      const given = await backend.solveRows({ ...systems, solver });
      const solution = await backend.solveRows({ ...systems, solver, gram: undefined });
      for (let p = 0; p < given.values.length; p++) expect(solution.values[p]).toBeCloseTo(given.values[p], 2);
    }
  });

  it("solves by a basis that was found once, to the bit, and refuses one of another rank", async () => {
    const systems = { ...(await exampleSystems(backend, 6, 40, 30)), dimensionPrecision: undefined };
    const gram = await backend.gram(systems.factors);
    const basis = await diagonalBasis(gram, undefined, (symmetric) => backend.eigen(symmetric));
    const given = await backend.solveRows({ ...systems, gram: undefined, basis });
    expect(given.values).toEqual((await backend.solveRows({ ...systems, gram })).values);
    const other = { ...basis, spectrum: basis.spectrum.slice(1) };
    await expect(backend.solveRows({ ...systems, basis: other })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("leaves both sides in the diagonal coordinates where told to: the same scores, and a Gram without the rest", async () => {
    for (const rank of [6, 33]) {
      const systems = { ...(await exampleSystems(backend, rank, 200, 30)), dimensionPrecision: undefined };
      const plain = await backend.solveRows({ ...systems, solver: "cg" });
      const factors = copyOf(systems.factors);
      const turned = await backend.solveRows({ ...systems, solver: "cg", factors, factorsInto: factors });
      for (let i = 0; i < 30; i++) {
        for (let u = 0; u < 200; u++) {
          expect(rowDot(turned, i, factors, u)).toBeCloseTo(rowDot(plain, i, systems.factors, u), 4);
        }
      }
      const gram = await backend.gram(factors);
      const trace = gram.values.reduce((sum, value, p) => sum + (p % (rank + 1) === 0 ? value : 0), 0);
      gram.values.forEach((value, p) => {
        if (p % (rank + 1) !== 0) expect(Math.abs(value)).toBeLessThan(1e-6 * trace);
      });
    }
  });

  it("refuses to turn the factors of an exact solution", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    await expect(backend.solveRows({ ...systems, factorsInto: copyOf(systems.factors) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });

  it("returns the prior itself for a row without interactions and without exposure", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    const empty = emptyRows(3, 40);
    const prior = randomMatrix(createRandom(5), 3, 6);
    const solution = await backend.solveRows({
      ...systems,
      rows: empty,
      prior,
      rowPrecision: [1, 2, 3],
      exposure: [0, 0, 0],
    });
    for (let p = 0; p < 18; p++) expect(solution.values[p]).toBeCloseTo(prior.values[p], 5);
  });

  it("multiplies and forms weighted Gram matrices as the triple loop does", async () => {
    const random = createRandom(3);
    const a = randomMatrix(random, 37, 11);
    const b = randomMatrix(random, 23, 11);
    const weights = Float64Array.from({ length: 37 }, () => random.next() + 0.1);
    const product = await backend.multiplyTransposed(a, b);
    const gram = await backend.gram(a, weights);
    for (let i = 0; i < 37; i++) {
      for (let j = 0; j < 23; j++) expect(product.values[i * 23 + j]).toBeCloseTo(rowDot(a, i, b, j), 4);
    }
    for (let i = 0; i < 11; i++) {
      for (let j = 0; j < 11; j++) {
        let sum = 0;
        for (let u = 0; u < 37; u++) sum += weights[u] * a.values[u * 11 + i] * a.values[u * 11 + j];
        expect(gram.values[i * 11 + j]).toBeCloseTo(sum, 5);
      }
    }
  });

  it("lists the top items as sorting everything does, ties by row, exclusions and masks respected", async () => {
    const random = createRandom(11);
    const queries = randomMatrix(random, 9, 5);
    const items = randomMatrix(random, 50, 5);
    items.values.copyWithin(5 * 7, 0, 5);
    const exclude = randomSparse(random, 9, 50, 6);
    const allow = Uint8Array.from({ length: 50 }, (_, j) => (j % 9 === 4 ? 0 : 1));
    const itemScale = Float32Array.from({ length: 50 }, (_, j) => (j === 7 || j === 0 ? 1 : 0.5 + random.next()));
    const top = await backend.topK({ queries, items, count: 8, exclude, allow, itemScale });
    for (let i = 0; i < 9; i++) {
      const skipped = new Set(exclude.indices.subarray(exclude.indptr[i], exclude.indptr[i + 1]));
      const expected = Array.from({ length: 50 }, (_, j) => ({
        j,
        score: Math.fround(Math.fround(rowDot(queries, i, items, j)) * itemScale[j]),
      }))
        .filter(({ j }) => allow[j] === 1 && !skipped.has(j))
        .sort((x, y) => y.score - x.score || x.j - y.j)
        .slice(0, 8);
      expect(Array.from(top.items.subarray(i * 8, i * 8 + 8))).toEqual(expected.map(({ j }) => j));
    }
  });

  it.each([3, 40])("lists %i queries in several views as one after the other, to the bit", async (count) => {
    const random = createRandom(12);
    const queries = randomMatrix(random, count, 7);
    const items = randomMatrix(random, 130, 7);
    items.values.copyWithin(7 * 90, 0, 7 * 9);
    const exclude = randomSparse(random, count, 130, 6);
    const flags = (length: number) => Uint8Array.from({ length }, () => random.integer(2));
    const scales = () => Float32Array.from({ length: 130 }, () => random.normal());
    const views = [
      {},
      { itemScale: scales() },
      { allow: flags(130) },
      { allow: flags(130), itemScale: scales() },
      { allow: flags(130), itemScale: scales(), asked: flags(count) },
      { length: 3, itemScale: scales() },
      { length: 0 },
      { length: 5, asked: flags(count) },
    ];
    const together = await backend.topKViews({ queries, items, count: 9, exclude, views });
    for (const [v, { asked, length = 7, ...view }] of views.entries()) {
      const [short, those] = [queries, items].map((matrix) => columnRange(matrix, 0, length));
      const alone = await backend.topK({ queries: short, items: those, count: 9, exclude, ...view });
      for (let i = 0; i < count; i++) {
        const isAsked = asked === undefined || asked[i] === 1;
        const items = isAsked ? alone.items.slice(i * 9, i * 9 + 9) : new Int32Array(9).fill(-1);
        const scores = isAsked ? alone.scores.slice(i * 9, i * 9 + 9) : new Float32Array(9).fill(-Infinity);
        expect(together[v].items.slice(i * 9, i * 9 + 9)).toEqual(items);
        expect(together[v].scores.slice(i * 9, i * 9 + 9)).toEqual(scores);
      }
    }
  });

  it("sums what bootstrap draws as adding unit by unit does, to the bit", async () => {
    const random = createRandom(21);
    const values = Float64Array.from({ length: 3 * 29 }, () => (random.next() < 0.4 ? random.normal() : 0));
    const series = { rows: 3, columns: 29, values };
    const sums = await backend.resample({ series, resamples: 13, seed: 5 });
    const draws = createRandom(5);
    const expected = new Float64Array(3 * 13);
    for (let b = 0; b < 13; b++) {
      const counts = new Uint32Array(29);
      for (let draw = 0; draw < 29; draw++) counts[draws.integer(29)]++;
      for (let s = 0; s < 3; s++) {
        for (let i = 0; i < 29; i++) expected[s * 13 + b] += counts[i] * values[s * 29 + i];
      }
    }
    expect(sums).toEqual({ rows: 3, columns: 13, values: expected });
  });

  it("decomposes a Gram into descending eigenvalues and signed, orthonormal eigenvectors", async () => {
    const gram = await backend.gram(randomMatrix(createRandom(29), 40, 9));
    const { values, vectors } = await backend.eigen(gram);
    const v = (i: number, j: number) => vectors.values[i * 9 + j];
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        let rebuilt = 0;
        let product = 0;
        for (let d = 0; d < 9; d++) {
          rebuilt += values[d] * v(i, d) * v(j, d);
          product += v(d, i) * v(d, j);
        }
        expect(rebuilt).toBeCloseTo(gram.values[i * 9 + j], 6);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
      }
      const column = Array.from({ length: 9 }, (_, d) => v(d, i));
      expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs)));
      if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
    }
  });

  it("solves shifted systems as a dense solve does", async () => {
    const random = createRandom(23);
    const gram = await backend.gram(randomMatrix(random, 20, 7));
    const right = { rows: 7, columns: 2, values: Float64Array.from({ length: 14 }, () => random.normal()) };
    const solutions = await backend.solveShifted(gram, right, [0.1, 10]);
    for (const [s, shift] of [0.1, 10].entries()) {
      const a = Array.from(gram.values, (value, p) => value + (p % 8 === 0 ? shift : 0));
      for (const j of [0, 1]) {
        const expected = denseSolve(
          a,
          Array.from({ length: 7 }, (_, i) => right.values[i * 2 + j]),
        );
        for (let i = 0; i < 7; i++) expect(solutions[s].values[i * 2 + j]).toBeCloseTo(expected[i], 5);
      }
    }
  });

  it("solves by a kept factor what the shifted systems give", async () => {
    const gram = await backend.gram(randomMatrix(createRandom(8), 60, 41));
    const b = toFloat64(randomMatrix(createRandom(9), 41, 5));
    const factor = await backend.factor(gram, 0.5);
    const [expected] = await backend.solveShifted(gram, b, [0.5]);
    expect(await backend.solveFactored(factor, b)).toEqual(expected);
    const negative = { ...gram, values: gram.values.map((value) => -value) };
    await expect(backend.factor(negative, 0)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("weighs and centres a kernel as a dense matrix is, from its upper half", async () => {
    const random = createRandom(24);
    const n = 150;
    const x = randomMatrix(random, n, 40);
    const kernel = await backend.multiplyTransposed(x, x);
    const weights = Float64Array.from({ length: n }, () => 0.5 + random.next());
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const means = Float64Array.from({ length: n }, (_, i) =>
      weights.reduce((sum, weight, j) => sum + (weight * kernel.values[i * n + j]) / total, 0),
    );
    const mean = means.reduce((sum, value, i) => sum + (weights[i] * value) / total, 0);
    const roots = weights.map(Math.sqrt);
    const dense = Float64Array.from({ length: n * n }, (_, p) => {
      const [i, j] = [Math.floor(p / n), p % n];
      return roots[i] * roots[j] * (kernel.values[p] - means[i] - means[j] + mean);
    });
    const b = toFloat64(randomMatrix(random, n, 3));
    const centred = { kernel, roots, means, mean };
    const [expected] = await backend.solveShifted({ rows: n, columns: n, values: dense }, b, [2]);
    const [solution] = await backend.solveShifted(centred, b, [2]);
    for (const [p, value] of expected.values.entries()) expect(solution.values[p]).toBeCloseTo(value, 5);
    expect(await backend.solveFactored(await backend.factor(centred, 2), b)).toEqual(solution);
    const broken = { ...centred, means: means.map(() => Number.NaN) };
    await expect(backend.factor(broken, 2)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("adds RBF kernels from inner products and lengths, nothing for rows without a length", async () => {
    const [a, b] = [randomMatrix(createRandom(8), 9, 4), randomMatrix(createRandom(9), 70, 4)];
    b.values.set(a.values.subarray(0, 4), 20 * 4);
    const lengths = (m: Matrix) => Float32Array.from({ length: m.rows }, (_, i) => rowDot(m, i, m, i));
    const [x, y] = [lengths(a), lengths(b)];
    y[12] = Infinity;
    const sums = sharedMatrix(randomMatrix(createRandom(4), 9, 70));
    const before = sums.values.slice();
    const kept = { ...b, rows: 65, values: b.values.subarray(5 * 4) };
    const products = await backend.multiplyTransposed(a, kept);
    const productSums = sharedZeros(9, 65);
    productSums.values.fill(1);
    await backend.addRbf({ sums, first: 5, products, productSums, x, y, scale: 0.7, width: 3 });
    expect(productSums.values).toEqual(products.values.map((product) => 1 + product));
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 70; j++) {
        const distance = Math.max(0, x[i] + y[j] - 2 * rowDot(a, i, b, j));
        const added = j < 5 ? 0 : 0.7 * Math.exp(-distance / 3);
        expect(sums.values[i * 70 + j]).toBeCloseTo(before[i * 70 + j] + added, 5);
      }
    }
  });

  it("transposes sparse rows, columns ascending, empty rows and columns too", async () => {
    const sparse = randomSparse(createRandom(37), 60, 45, 6);
    const empty = [3, 4, 44];
    const thinned = { ...sparse, columns: 50, indices: sparse.indices.map((j) => (empty.includes(j) ? 0 : j)) };
    expect(await backend.transpose(thinned)).toEqual(transposeSparse(thinned));
    expect(await backend.transpose(emptyRows(0, 7))).toEqual(emptyRows(7, 0));
    expect(await backend.transpose(emptyRows(7, 0))).toEqual(emptyRows(0, 7));
  });

  it.each([1, 15, 16, 97, 300])(
    "multiplies sparse rows with a matrix of %i columns as the triple loop does",
    async (width) => {
      const [a, b] = [randomSparse(createRandom(5), 40, 45, 20), randomMatrix(createRandom(6), 45, width)];
      const [product, left] = [await backend.multiplySparse(a, b), densely(a)];
      for (let i = 0; i < 40; i++) {
        for (let j = 0; j < width; j++) {
          let sum = 0;
          for (let s = 0; s < 45; s++) sum += left.values[i * 45 + s] * b.values[s * width + j];
          expect(product.values[i * width + j]).toBeCloseTo(sum, 4);
        }
      }
    },
  );

  it("multiplies sparse rows with a matrix and with sparse rows as the triple loop does", async () => {
    const [a, b] = [randomSparse(createRandom(5), 70, 45, 9), randomSparse(createRandom(6), 45, 33, 8)];
    const start = randomMatrix(createRandom(7), 70, 24);
    const full = densely(b);
    const product = await backend.multiplySparse(a, full);
    const part = await backend.multiplyBothSparse({ a, b, first: 9, start });
    const left = densely(a);
    for (let i = 0; i < 70; i++) {
      for (let j = 0; j < 33; j++) {
        let sum = 0;
        for (let s = 0; s < 45; s++) sum += left.values[i * 45 + s] * full.values[s * 33 + j];
        expect(product.values[i * 33 + j]).toBeCloseTo(sum, 4);
        if (j >= 9) expect(part.values[i * 24 + j - 9]).toBeCloseTo(sum + start.values[i * 24 + j - 9], 4);
      }
    }
  });

  it("writes products into memory that is asked again, to the bit those of new memory", async () => {
    const [a, b] = [randomMatrix(createRandom(2), 70, 33), randomMatrix(createRandom(3), 45, 33)];
    const into = sharedZeros(70, 45);
    into.values.fill(Number.NaN);
    const dense = await backend.multiplyTransposed(a, b);
    expect(await backend.multiplyTransposed(a, b, into)).toBe(into);
    expect(into.values).toEqual(dense.values);
    const [left, right] = [randomSparse(createRandom(5), 70, 30, 9), randomSparse(createRandom(6), 30, 50, 8)];
    const request = { a: left, b: right, first: 5 };
    const sum = await backend.multiplyBothSparse({ ...request, start: dense });
    expect(await backend.multiplyBothSparse({ ...request, start: into, into })).toBe(into);
    expect(into.values).toEqual(sum.values);
    await backend.multiplyBothSparse({ ...request, into });
    expect(into.values).toEqual((await backend.multiplyBothSparse(request)).values);
    const rows = randomSparse(createRandom(8), 70, 45, 9);
    const columns = randomMatrix(createRandom(9), 45, 45);
    expect(await backend.multiplySparse(rows, columns, into)).toBe(into);
    expect(into.values).toEqual((await backend.multiplySparse(rows, columns)).values);
  });

  it("multiplies empty sparse rows and columns", async () => {
    expect(await backend.multiplySparse(emptyRows(3, 0), randomMatrix(createRandom(1), 0, 2))).toEqual(zeros(3, 2));
    expect(await backend.multiplyBothSparse({ a: emptyRows(3, 4), b: emptyRows(4, 2) })).toEqual(zeros(3, 2));
    expect(await backend.multiplyBothSparse({ a: emptyRows(3, 4), b: emptyRows(4, 2), first: 2 })).toEqual(zeros(3, 0));
  });

  it("refuses to multiply an index out of range, and names the row", async () => {
    const sparse = randomSparse(createRandom(37), 60, 45, 6);
    const wrong = { ...sparse, columns: 44 };
    const refusal = {
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^expected an index below 44 in row \d+/),
    };
    await expect(backend.multiplySparse(wrong, zeros(44, 2))).rejects.toMatchObject(refusal);
    await expect(backend.multiplyBothSparse({ a: wrong, b: emptyRows(44, 2) })).rejects.toMatchObject(refusal);
    await expect(backend.multiplyBothSparse({ a: emptyRows(2, 60), b: wrong })).rejects.toMatchObject(refusal);
  });

  it("refuses to transpose an index out of range, and names the row", async () => {
    const sparse = randomSparse(createRandom(37), 60, 45, 6);
    await expect(backend.transpose({ ...sparse, columns: 44 })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^expected an index below 44 in row \d+, received 44$/),
    });
  });

  it("fills places beyond the last candidate with -1", async () => {
    const queries = randomMatrix(createRandom(1), 1, 3);
    const top = await backend.topK({ queries, items: randomMatrix(createRandom(2), 2, 3), count: 4 });
    expect(Array.from(top.items.subarray(2))).toEqual([-1, -1]);
    expect(top.scores[3]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("writes the solution where it is told to, over its own start", async () => {
    const systems = await exampleSystems(backend, 6, 40, 30);
    for (const solver of ["exact", "cg"] as const) {
      const start = randomMatrix(createRandom(8), 30, 6);
      const expected = await backend.solveRows({ ...systems, solver, start });
      expect(await backend.solveRows({ ...systems, solver, start, into: start })).toBe(start);
      expect(start).toEqual(expected);
    }
  });

  it("solves rows that all are empty, and no rows at all", async () => {
    const systems = { ...(await exampleSystems(backend, 5, 20, 4)), prior: undefined, exposure: undefined };
    for (const solver of ["exact", "cg"] as const) {
      for (const rows of [4, 0]) {
        const rowPrecision = new Float64Array(rows).fill(1);
        const solution = await backend.solveRows({ ...systems, solver, rows: emptyRows(rows, 20), rowPrecision });
        expect(solution.values).toEqual(new Float32Array(5 * rows));
      }
    }
  });

  it.each([
    ["a non-finite factor", "row 2", (s: RowSystems) => poisonFactors(s)],
    [
      "a negative confidence",
      "row 0",
      (s: RowSystems) => ({ ...s, rows: { ...s.rows, values: s.rows.values.map(() => -1) } }),
    ],
    [
      "an index out of range",
      "row 0",
      (s: RowSystems) => ({ ...s, rows: { ...s.rows, indices: s.rows.indices.map(() => 999) } }),
    ],
    ["a zero precision", "row 0", (s: RowSystems) => ({ ...s, rowPrecision: new Float64Array(s.rows.rows) })],
    [
      "lists of different length",
      "weights",
      (s: RowSystems) => ({ ...s, rows: { ...s.rows, values: s.rows.values.slice(1) } }),
    ],
  ])("refuses %s and names the place", async (_case, place, spoil) => {
    const systems = await exampleSystems(backend, 4, 20, 10);
    await expect(backend.solveRows(spoil(systems))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(place),
    });
  });
});

it.skipIf(loaded.addon !== undefined)("the native kernel is not built here, so the contract ran without it", () => {
  expect(() => createNativeBackend({}, loaded)).toThrow("npm rebuild");
});

describe.each(backendFamilies)("kernel %s in the middle of a long job", (_, create) => {
  it("says how many rows are solved, stops when cancelled, and works again afterwards", async () => {
    const backend = create(1);
    const systems = await longJob(backend);
    const controller = new AbortController();
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => {
      seen.push(progress);
      if (progress.done > 0) controller.abort();
    };
    const solving = backend.solveRows(systems, { signal: controller.signal, onProgress });
    await expect(solving).rejects.toMatchObject({ code: "INTERRUPTED" });
    const last = seen.find(({ done }) => done > 0);
    expect(last).toMatchObject({ stage: "solve rows", total: systems.rows.rows });
    expect(last?.done).toBeLessThan(systems.rows.rows);
    expect((await backend.gram(systems.factors)).rows).toBe(systems.factors.columns);
  });

  it("ends with the error of a progress listener that throws", async () => {
    const backend = create(1);
    const onProgress = () => {
      throw new Error("the listener's own");
    };
    await expect(backend.solveRows(await longJob(backend), { onProgress })).rejects.toThrow("the listener's own");
  });
});

describe.each(backendFamilies)("kernel %s, whatever its threads", (_, create) => {
  it("gives the same bytes", async () => {
    const one = create(1);
    const systems = await exampleSystems(one, 8, 300, 500);
    const random = createRandom(31);
    const wide = randomMatrix(random, 2500, 20);
    const queries = randomMatrix(random, 40, 8);
    const request = { queries, items: randomMatrix(random, 17_000, 8), count: 5 };
    for (const threads of [2, 16]) {
      const other = create(threads);
      expect(await other.solveRows(systems)).toEqual(await one.solveRows(systems));
      const sweep = { ...systems, solver: "cg" as const };
      expect(await other.solveRows(sweep)).toEqual(await one.solveRows(sweep));
      const turned = async (backend: ComputeBackend) => {
        const factors = copyOf(systems.factors);
        const solution = await backend.solveRows({ ...sweep, factors, gram: undefined, factorsInto: factors });
        return { factors, solution };
      };
      expect(await turned(other)).toEqual(await turned(one));
      expect(await other.gram(wide)).toEqual(await one.gram(wide));
      expect(await other.multiplyTransposed(wide, queriesLike(wide))).toEqual(
        await one.multiplyTransposed(wide, queriesLike(wide)),
      );
      expect(await other.topK(request)).toEqual(await one.topK(request));
      const series = { rows: 2, columns: 3000, values: Float64Array.from(request.items.values.subarray(0, 6000)) };
      const bootstrap = { series, resamples: 40, seed: -3 };
      expect(await other.resample(bootstrap)).toEqual(await one.resample(bootstrap));
      const views = [{}, { itemScale: new Float32Array(request.items.rows).fill(0.7) }];
      expect(await other.topKViews({ ...request, views })).toEqual(await one.topKViews({ ...request, views }));
      expect(await other.transpose(systems.rows)).toEqual(await one.transpose(systems.rows));
      const { rows, factors } = systems;
      expect(await other.multiplySparse(rows, factors)).toEqual(await one.multiplySparse(rows, factors));
      const shifted = toFloat64(queriesLike(wide));
      const spd = await one.gram({ ...wide, rows: 70, values: queriesLike(wide).values });
      const right = { ...shifted, rows: 20, columns: 70 };
      const kept = await one.factor(spd, 1);
      expect(await other.factor(spd, 1)).toEqual(kept);
      expect(await other.solveFactored(kept, right)).toEqual(await one.solveFactored(kept, right));
      const both = { a: rows, b: await one.transpose(rows) };
      expect(await other.multiplyBothSparse(both)).toEqual(await one.multiplyBothSparse(both));
    }
  });
});

function toFloat64(matrix: Matrix): Matrix<Float64Array> {
  return { ...matrix, values: Float64Array.from(matrix.values) };
}

function densely({ rows, columns, indptr, indices, values }: SparseMatrix): Matrix {
  const full = zeros(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) full.values[i * columns + indices[p]] = values[p];
  }
  return full;
}

function queriesLike(wide: Matrix): Matrix {
  return { ...wide, rows: 70, values: wide.values.slice(0, 70 * wide.columns) };
}

type ExampleSystems = RowSystems & Required<Pick<RowSystems, "gram">>;

async function exampleSystems(
  backend: ComputeBackend,
  rank: number,
  columns: number,
  rows: number,
): Promise<ExampleSystems> {
  const random = createRandom(17);
  const factors = randomMatrix(random, columns, rank);
  const sparse = randomSparse(random, rows, columns, 12);
  return {
    factors,
    gram: await backend.gram(factors),
    rows: sparse,
    unobservedWeight: 0.1,
    rowPrecision: Float64Array.from({ length: rows }, () => 0.2 + random.next()),
    dimensionPrecision: Float64Array.from({ length: rank }, () => 0.5 + random.next()),
    prior: randomMatrix(random, rows, rank),
    exposure: Float64Array.from({ length: rows }, () => 0.1 + 0.9 * random.next()),
  };
}

/** Seconds of work for one thread: 12,000 rows of 200 interactions at rank 128. */
async function longJob(backend: ComputeBackend): Promise<RowSystems> {
  const [rows, length] = [12_000, 200];
  const factors = randomMatrix(createRandom(19), length, 128);
  const indptr = Uint32Array.from({ length: rows + 1 }, (_, i) => i * length);
  const indices = Uint32Array.from({ length: rows * length }, (_, p) => p % length);
  const values = new Float32Array(rows * length).fill(1);
  return {
    factors,
    gram: await backend.gram(factors),
    rows: { rows, columns: length, indptr, indices, values },
    unobservedWeight: 0.1,
    rowPrecision: new Float64Array(rows).fill(1),
  };
}

/** Equation 2 for row i, built and solved densely. */
function denseRow(systems: ExampleSystems, i: number): number[] {
  const { a, b } = denseSystem(systems, i);
  return denseSolve(a, b);
}

/** A_i and its right side in float64; `shared` is A_i without the row's own interactions. */
function denseSystem(systems: ExampleSystems, i: number) {
  const { factors, gram, rows, prior, exposure, dimensionPrecision, rowPrecision, unobservedWeight } = systems;
  const k = factors.columns;
  const shared = Array.from(gram.values, (value) => (exposure?.[i] ?? 1) * unobservedWeight * value);
  const b = new Array<number>(k).fill(0);
  for (let d = 0; d < k; d++) {
    const precision = rowPrecision[i] * (dimensionPrecision?.[d] ?? 1);
    shared[d * k + d] += precision;
    b[d] += precision * (prior?.values[i * k + d] ?? 0);
  }
  const a = [...shared];
  for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
    for (let d = 0; d < k; d++) {
      const w = factors.values[rows.indices[p] * k + d];
      b[d] += rows.values[p] * w;
      for (let s = 0; s < k; s++) a[d * k + s] += rows.values[p] * w * factors.values[rows.indices[p] * k + s];
    }
  }
  return { a, b, shared };
}

/** What the row's loss at y lies above its least: (y - h)'A_i (y - h). */
function excessLoss(systems: ExampleSystems, i: number, y: readonly number[]): number {
  const { a, b } = denseSystem(systems, i);
  const exact = denseSolve([...a], [...b]);
  return quadratic(
    a,
    y.map((value, d) => value - exact[d]),
  );
}

function sharedTerm(systems: ExampleSystems, i: number, y: readonly number[]): number {
  return quadratic(denseSystem(systems, i).shared, y);
}

function quadratic(matrix: readonly number[], x: readonly number[]): number {
  return x.reduce(
    (sum, left, d) => sum + x.reduce((row, right, s) => row + left * matrix[d * x.length + s] * right, 0),
    0,
  );
}

function rowDot(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let d = 0; d < a.columns; d++) sum += a.values[i * a.columns + d] * b.values[j * b.columns + d];
  return sum;
}

function poisonFactors(systems: RowSystems): RowSystems {
  const values = systems.factors.values.slice();
  values[2 * systems.factors.columns + 1] = Number.NaN;
  return { ...systems, factors: { ...systems.factors, values } };
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: matrix.values.slice() };
}

function emptyRows(rows: number, columns: number): SparseMatrix {
  return { rows, columns, indptr: new Uint32Array(rows + 1), indices: new Uint32Array(0), values: new Float32Array(0) };
}
