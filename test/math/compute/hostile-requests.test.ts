/**
 * The contract of every backend, continued: what it is not to be asked. Wrong sizes, kinds and numbers are INVALID_ARGUMENT; memory
 * that is transferred, shrunk or overwritten in the middle of a job changes no result that it was not part of, and ends nothing.
 */
import { describe, expect, it } from "vitest";
import type { ComputeBackend, RowSystems } from "../../../src/math/compute/backend.ts";
import { shared, sharedZeros } from "../../../src/math/compute/shared-memory.ts";
import { type Matrix, type SparseMatrix, transposeSparse, zeros } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { backendFamilies } from "../../helpers/backends.ts";
import { randomMatrix, randomSparse } from "../../helpers/matrices.ts";

const random = createRandom(41);
const [queries, items] = [randomMatrix(random, 4, 3), randomMatrix(random, 9, 3)];
const exclude = randomSparse(random, 4, 9, 3);
const square = toFloat64(randomMatrix(random, 3, 3));
const definite = { ...square, values: Float64Array.of(4, 1, 0, 1, 3, 1, 0, 1, 5) };
const right = toFloat64(randomMatrix(random, 3, 2));
const systems: RowSystems = {
  factors: randomMatrix(random, 9, 3),
  rows: randomSparse(random, 4, 9, 5),
  unobservedWeight: 0.1,
  rowPrecision: [1, 2, 3, 4],
};

/** ECMAScript 2024, which Node 20 has and the compiler's library not yet. */
interface ResizableBuffer extends ArrayBuffer {
  resize(bytes: number): void;
}

/** A call that ought to be refused; `as never` where the types already forbid what JavaScript does not. */
type Call = (backend: ComputeBackend) => Promise<unknown>;

const refused: readonly (readonly [string, Call])[] = [
  ["a product of negative sizes", (k) => k.multiplyTransposed({ ...queries, rows: -4, columns: -3 }, items)],
  [
    "a product of sizes that are no whole numbers",
    (k) => k.multiplyTransposed({ ...queries, rows: 8, columns: 1.5 }, items),
  ],
  ["a product too large for any memory", (k) => k.multiplyTransposed(tall(2 ** 31 - 1), tall(2 ** 31 - 1))],
  ["a product of more rows than can be numbered", (k) => k.multiplyTransposed(tall(2 ** 40), items)],
  ["a product of float64", (k) => k.multiplyTransposed(square as never, square as never)],
  [
    "a product of plain arrays",
    (k) => k.multiplyTransposed({ ...queries, values: [...queries.values] } as never, items),
  ],
  ["a product of nothing", (k) => k.multiplyTransposed(undefined as never, items)],
  ["a Gram of what is not finite", (k) => k.gram(spoiled(items, Number.NaN))],
  ["a Gram of infinities", (k) => k.gram(spoiled(items, Number.NEGATIVE_INFINITY))],
  ["a Gram with a weight that is not finite", (k) => k.gram(queries, [1, 1, Number.NaN, 1])],
  ["a Gram with too few weights", (k) => k.gram(queries, [1])],
  ["a Gram with weights that are no numbers", (k) => k.gram(queries, BigInt64Array.of(1n, 1n, 1n, 1n) as never)],
  ["eigenvectors of what is not finite", (k) => k.eigen({ ...square, values: square.values.map(() => Number.NaN) })],
  ["eigenvectors of infinities", (k) => k.eigen({ ...square, values: square.values.map(() => Infinity) })],
  ["eigenvectors of what is not square", (k) => k.eigen(right)],
  ["eigenvectors of negative sizes", (k) => k.eigen({ ...square, rows: -3, columns: -3 })],
  ["eigenvectors of float32", (k) => k.eigen(randomMatrix(random, 3, 3) as never)],
  ["shifted systems that are not finite", (k) => k.solveShifted(spoiled(definite, Number.NaN), right, [1])],
  [
    "shifted systems of right sides that are not finite",
    (k) => k.solveShifted(definite, spoiled(right, Infinity), [1]),
  ],
  ["shifted systems of a negative shift", (k) => k.solveShifted(definite, right, [1, -1])],
  [
    "shifted systems that are not definite",
    (k) => k.solveShifted({ ...square, values: square.values.fill(-1) }, right, [0]),
  ],
  [
    "lists that leave out by a plain array",
    (k) => k.topK({ queries, items, count: 2, exclude: plainPattern() as never }),
  ],
  ["lists that allow by a plain array", (k) => k.topK({ queries, items, count: 2, allow: Array(9).fill(0) as never })],
  [
    "lists that allow by other numbers",
    (k) => k.topK({ queries, items, count: 2, allow: new Float32Array(9) as never }),
  ],
  ["lists scaled by a plain array", (k) => k.topK({ queries, items, count: 2, itemScale: Array(9).fill(2) as never })],
  ["lists scaled in float64", (k) => k.topK({ queries, items, count: 2, itemScale: new Float64Array(9) as never })],
  ["lists that leave out nothing at all", (k) => k.topK({ queries, items, count: 2, exclude: null as never })],
  ["lists that leave out in no order", (k) => k.topK({ queries, items, count: 2, exclude: unordered() })],
  ["lists of other queries' exclusions", (k) => k.topK({ queries: items, items, count: 2, exclude })],
  ["lists of too few flags", (k) => k.topK({ queries, items, count: 2, allow: new Uint8Array(8) })],
  ["resamples of series in float32", (k) => k.resample({ series: items as never, resamples: 5, seed: 1 })],
  [
    "resamples of too few values",
    (k) => k.resample({ series: { rows: 2, columns: 3, values: new Float64Array(5) }, resamples: 5, seed: 1 }),
  ],
  [
    "less than no resample",
    (k) => k.resample({ series: { rows: 1, columns: 1, values: new Float64Array(1) }, resamples: -1, seed: 1 }),
  ],
  ["lists of no view", (k) => k.topKViews({ queries, items, count: 2, views: [] })],
  [
    "lists of a view with too few flags of queries",
    (k) => k.topKViews({ queries, items, count: 2, views: [{}, { asked: new Uint8Array(1) }] }),
  ],
  ["lists of a view that is too long", (k) => k.topKViews({ queries, items, count: 2, views: [{ length: 99 }] })],
  [
    "lists of a view scaled in float64",
    (k) => k.topKViews({ queries, items, count: 2, views: [{ itemScale: new Float64Array(9) as never }] }),
  ],
  ["lists of no length", (k) => k.topK({ queries, items, count: 0 })],
  ["lists of a fraction of an item", (k) => k.topK({ queries, items, count: 1.5 })],
  ["lists too long for any memory", (k) => k.topK({ queries, items, count: 2 ** 50 })],
  ["a transpose of negative sizes", (k) => k.transpose({ ...exclude, columns: -9 })],
  ["a transpose of plain arrays", (k) => k.transpose({ ...exclude, indices: [...exclude.indices] } as never)],
  ["a transpose of descending offsets", (k) => k.transpose({ ...exclude, indptr: Uint32Array.of(0, 9, 1, 2, 3) })],
  ["a product of sparse rows of another width", (k) => k.multiplySparse(exclude, queries)],
  ["a product of sparse rows of plain arrays", (k) => k.multiplySparse(plainPattern() as never, items)],
  ["a product of sparse rows that are not there", (k) => k.multiplyBothSparse({ a: exclude, b: null as never })],
  [
    "a product of sparse rows from a column beyond the last",
    (k) => k.multiplyBothSparse({ a: exclude, b: { ...exclude, rows: 9, indptr: new Uint32Array(10) }, first: 10 }),
  ],
  ["a product into memory of its own", (k) => k.multiplyTransposed(items, items, zeros(items.rows, items.rows))],
  [
    "a product of sparse rows and a matrix into memory of its own",
    (k) => k.multiplySparse(exclude, items, zeros(exclude.rows, items.columns)),
  ],
  [
    "a product of sparse rows and a matrix into room of another shape",
    (k) => k.multiplySparse(exclude, items, sharedZeros(1, items.columns)),
  ],
  ["a product into room of another shape", (k) => k.multiplyTransposed(items, items, sharedZeros(1, items.rows))],
  [
    "a product of sparse rows into memory of its own",
    (k) => {
      const b = { ...exclude, rows: exclude.columns, indptr: new Uint32Array(exclude.columns + 1) };
      return k.multiplyBothSparse({ a: exclude, b, into: zeros(exclude.rows, exclude.columns) });
    },
  ],
  [
    "a factor of a kernel with too few means",
    (k) => k.factor({ kernel: zeros(3, 3), roots: new Float64Array(3), means: new Float64Array(2), mean: 0 }, 1),
  ],
  [
    "systems of a kernel in float64",
    (k) =>
      k.solveShifted(
        { kernel: square as never, roots: new Float64Array(3), means: new Float64Array(3), mean: 0 },
        right,
        [1],
      ),
  ],
  ["a factor of a matrix that is not square", (k) => k.factor({ ...right, values: right.values }, 1)],
  ["a solve by a factor of another size", (k) => k.solveFactored({ n: 2, values: new Float64Array(4) }, right)],
  [
    "an RBF kernel added to an array of its own memory",
    (k) =>
      k.addRbf({
        sums: items,
        first: 0,
        products: items,
        x: new Float32Array(9),
        y: new Float32Array(3),
        scale: 1,
        width: 1,
      }),
  ],
  ["rows with a Gram that is not finite", (k) => k.solveRows({ ...systems, gram: spoiled(square, Number.NaN) })],
  ["rows with a Gram of float32", (k) => k.solveRows({ ...systems, gram: randomMatrix(random, 3, 3) as never })],
  ["rows with an infinite unobserved weight", (k) => k.solveRows({ ...systems, unobservedWeight: Infinity })],
  [
    "rows with an unobserved weight that is no number",
    (k) => k.solveRows({ ...systems, unobservedWeight: Number.NaN }),
  ],
  ["rows of a precision that is no number", (k) => k.solveRows({ ...systems, rowPrecision: [1, 2, Number.NaN, 4] })],
  ["rows with an exposure beyond 1", (k) => k.solveRows({ ...systems, exposure: [1, 1, 1.5, 1] })],
  ["rows by half a step", (k) => k.solveRows({ ...systems, solver: "cg", steps: 0.5 })],
  ["rows by an unknown solver", (k) => k.solveRows({ ...systems, solver: "lu" as never })],
  ["rows from a start of another shape", (k) => k.solveRows({ ...systems, start: items })],
  ["rows into a matrix of another shape", (k) => k.solveRows({ ...systems, into: items })],
  [
    "rows with a prior of plain numbers",
    (k) => k.solveRows({ ...systems, prior: { rows: 4, columns: 3, values: Array(12).fill(0) } as never }),
  ],
  [
    "rows with factors that were transferred before",
    (k) => k.solveRows({ ...systems, factors: transferred(systems.factors) }),
  ],
];

describe.each(backendFamilies)("kernel %s", (_, create) => {
  const backend = create(2);

  it.each(refused)("refuses %s", async (_what, call) => {
    await expect(call(backend)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^expected /),
    });
  });

  it("names what is not finite in a Gram, and the row", async () => {
    await expect(backend.gram(spoiled(items, Number.NaN))).rejects.toThrow(/received NaN in row 1$/);
  });

  it("takes whole numbers of any list for weights and precisions, as their types say", async () => {
    expect(await backend.gram(queries, [1, 1, 1, 1])).toEqual(await backend.gram(queries, Float64Array.of(1, 1, 1, 1)));
    expect(await backend.solveRows({ ...systems, exposure: [1, 1, 1, 1] })).toEqual(await backend.solveRows(systems));
  });

  it("gives the same result when its arrays are transferred as soon as it is asked", async () => {
    const [a, b] = [randomMatrix(createRandom(2), 300, 40), randomMatrix(createRandom(3), 200, 40)];
    const sparse = randomSparse(createRandom(4), 300, 200, 30);
    const gram = await backend.gram(a);
    const calls: readonly Call[] = [
      (k) => k.multiplyTransposed(...fresh(a, b)),
      (k) => k.gram(...fresh(a)),
      (k) => k.topK({ queries: fresh(a)[0], items: fresh(b)[0], count: 5, exclude: freshSparse(sparse) }),
      (k) => k.transpose(freshSparse(sparse)),
      (k) => k.multiplySparse(freshSparse(sparse), ...fresh(b)),
      (k) => k.multiplyBothSparse({ a: freshSparse(sparse), b: freshSparse(transposeSparse(sparse)), first: 7 }),
      (k) => k.eigen(...fresh(gram)),
      (k) => k.solveShifted(...fresh(gram, gram), [0.5, 2]),
    ];
    for (const call of calls) {
      lent.length = 0;
      const expected = await call(backend);
      lent.length = 0;
      const result = call(backend);
      for (const { buffer } of lent) structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
      expect(await result).toEqual(expected);
    }
  });

  it("solves rows, or says what it expected, when their arrays are transferred or shrunk at any moment", async () => {
    const rows = randomSparse(createRandom(4), 400, 60, 30);
    const factors = randomMatrix(createRandom(5), 60, 24);
    const expected = await backend.solveRows({ ...systems, rows, factors, rowPrecision: Array(400).fill(2) });
    for (let turns = 0; turns < 12; turns++) {
      lent.length = 0;
      const given = { factors: fresh(factors)[0], rows: freshSparse(rows), into: fresh({ ...expected })[0] };
      const solving = backend.solveRows({ ...systems, ...given, rowPrecision: Array(400).fill(2) });
      const outcome = solving.then(
        (solution) => solution.values,
        (error) => error.code,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      for (const { buffer } of lent) structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
      const values = await outcome;
      if (values !== "INVALID_ARGUMENT" && values.length > 0) expect(values).toEqual(expected.values);
    }
  });

  it("reads arrays that can be resized as they were when it was asked", async () => {
    const buffer: ResizableBuffer = Reflect.construct(ArrayBuffer, [48, { maxByteLength: 96 }]);
    const values = new Float32Array(buffer);
    values.set(queries.values);
    const asking = backend.topK({ queries: { ...queries, values }, items, count: 3 });
    buffer.resize(0);
    expect(await asking).toEqual(await backend.topK({ queries, items, count: 3 }));
  });

  it("outlives shared arrays that are overwritten in the middle of a job", async () => {
    const rows = randomSparse(createRandom(6), 2000, 50, 25);
    const inShared = {
      ...rows,
      indptr: shared(rows.indptr),
      indices: shared(rows.indices),
      values: shared(rows.values),
    };
    const factors = randomMatrix(createRandom(7), 50, 40);
    for (const solver of ["exact", "cg"] as const) {
      for (const rubbish of [0xffffffff, 50, 0]) {
        inShared.indices.set(rows.indices);
        inShared.indptr.set(rows.indptr);
        const request = { ...systems, rows: inShared, factors, rowPrecision: new Float64Array(2000).fill(1), solver };
        const outcome = backend.solveRows(request).catch((error) => error);
        await new Promise((resolve) => setImmediate(resolve));
        inShared.indices.fill(rubbish);
        inShared.indptr.fill(rubbish);
        expect(isAnswer(await outcome)).toBe(true);
        inShared.indices.set(rows.indices);
        inShared.indptr.set(rows.indptr);
        const turning = backend.transpose(inShared).catch((error) => error);
        inShared.indices.fill(rubbish);
        expect(isAnswer(await turning)).toBe(true);
        inShared.indices.set(rows.indices);
        const multiplying = backend.multiplySparse(inShared, factors).catch((error) => error);
        inShared.indices.fill(rubbish);
        expect(isAnswer(await multiplying)).toBe(true);
      }
    }
    expect(await backend.gram(queries)).toEqual(await backend.gram(queries));
  });
});

function isAnswer(outcome: { readonly rows?: number; readonly code?: string }): boolean {
  return outcome.rows !== undefined || outcome.code === "INVALID_ARGUMENT";
}

/** Arrays that `fresh` and `freshSparse` made, in the order of the calls. */
const lent: ArrayBufferView[] = [];

function lend<A extends Float32Array | Float64Array | Uint32Array>(array: A): A {
  const copy = array.slice() as A;
  lent.push(copy);
  return copy;
}

function fresh<M extends readonly Matrix<Float32Array | Float64Array>[]>(...matrices: M): M {
  return matrices.map((matrix) => ({ ...matrix, values: lend(matrix.values) })) as unknown as M;
}

function freshSparse({ rows, columns, indptr, indices, values }: SparseMatrix): SparseMatrix {
  return { rows, columns, indptr: lend(indptr), indices: lend(indices), values: lend(values) };
}

function toFloat64(matrix: Matrix): Matrix<Float64Array> {
  return { ...matrix, values: Float64Array.from(matrix.values) };
}

/** The matrix with one number replaced, in row 1. */
function spoiled<V extends Float32Array | Float64Array>(matrix: Matrix<V>, value: number): Matrix<V> {
  const values = matrix.values.slice() as V;
  values[matrix.columns + 1] = value;
  return { ...matrix, values };
}

function transferred(matrix: Matrix): Matrix {
  const values = matrix.values.slice();
  structuredClone(values.buffer, { transfer: [values.buffer] });
  return { ...matrix, values };
}

function tall(rows: number): Matrix {
  return { rows, columns: 0, values: new Float32Array(0) };
}

function plainPattern() {
  const { rows, columns, indptr, indices, values } = exclude;
  return { rows, columns, indptr: [...indptr], indices: [...indices], values };
}

function unordered(): SparseMatrix {
  const indices = Uint32Array.of(5, 2);
  return { rows: 4, columns: 9, indptr: Uint32Array.of(0, 2, 2, 2, 2), indices, values: new Float32Array(2).fill(1) };
}
