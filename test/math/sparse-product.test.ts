/** Products of sparse rows against the same product written out densely. */
import { describe, expect, it } from "vitest";
import type { ComputeBackend } from "../../src/math/compute/backend.ts";
import { createNativeBackend } from "../../src/math/compute/native/native-backend.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";
import type { SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import {
  joinSparse,
  productSide,
  scaleSparseRows,
  sparseColumnRange,
  sparseProducts,
  sparseRowRange,
  sparseSquaredNorms,
  unitSparseRows,
} from "../../src/math/sparse-product.ts";

const random = createRandom(5);

/** Rows of which every one has the first column, and the others ever fewer. */
function randomRows(rows: number, columns: number): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (i % 7 === 6 || random.next() * (j + 1) > 1) continue;
      indices.push(j);
      values.push(random.normal());
    }
    indptr[i + 1] = indices.length;
  }
  return { rows, columns, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) };
}

function dense({ rows, columns, indptr, indices, values }: SparseMatrix): number[][] {
  return Array.from({ length: rows }, (_, i) => {
    const row = Array.from({ length: columns }, () => 0);
    for (let p = indptr[i]; p < indptr[i + 1]; p++) row[indices[p]] = values[p];
    return row;
  });
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, j) => sum + value * b[j], 0);

async function productsOf(left: SparseMatrix, right: SparseMatrix, backend: ComputeBackend) {
  return sparseProducts(left, await productSide(right, backend), backend);
}

const [a, b] = [randomRows(23, 40), randomRows(31, 40)];

describe("products of sparse rows", () => {
  it("are those of the dense rows, common columns and rare ones alike", async () => {
    const product = await productsOf(a, b, createReferenceBackend());
    const expected = dense(a).flatMap((x) => dense(b).map((y) => dot(x, y)));
    expect([product.rows, product.columns]).toEqual([23, 31]);
    for (const [p, value] of product.values.entries()) expect(value).toBeCloseTo(expected[p], 5);
  });

  it("from a row of the other side on leave out what comes before", async () => {
    const backend = createReferenceBackend();
    const part = await sparseProducts(a, await productSide(b, backend), backend, 12);
    const expected = dense(a).flatMap((x) =>
      dense(b)
        .slice(12)
        .map((y) => dot(x, y)),
    );
    expect([part.rows, part.columns]).toEqual([23, 19]);
    for (const [p, value] of part.values.entries()) expect(value).toBeCloseTo(expected[p], 5);
  });

  it("with themselves are a symmetric Gram", async () => {
    const { values } = await productsOf(a, a, createReferenceBackend());
    const rows = dense(a);
    for (const [p, value] of values.entries()) {
      expect(value).toBeCloseTo(dot(rows[Math.floor(p / 23)], rows[p % 23]), 5);
    }
  });

  it("are the same bytes whatever the number of threads", async () => {
    const [one, four] = [1, 4].map((threads) => createNativeBackend({ threads }));
    expect(await productsOf(a, b, four)).toEqual(await productsOf(a, b, one));
  });

  it("of rows without entries are 0", async () => {
    const empty = { ...a, indptr: new Uint32Array(a.rows + 1), indices: new Uint32Array(), values: new Float32Array() };
    expect((await productsOf(empty, b, createReferenceBackend())).values.every((value) => value === 0)).toBe(true);
  });
});

describe("sparse rows", () => {
  it("of a range are those rows", () => {
    expect(dense(sparseRowRange(a, 4, 9))).toEqual(dense(a).slice(4, 9));
  });

  it("at length 1 keep their direction, and an empty one stays empty", () => {
    const unit = unitSparseRows(a);
    const squares = sparseSquaredNorms(a);
    for (const [i, square] of sparseSquaredNorms(unit).entries()) {
      expect(square).toBeCloseTo(squares[i] > 0 ? 1 : 0, 5);
      expect(dot(dense(unit)[i], dense(a)[i])).toBeCloseTo(Math.sqrt(squares[i]), 4);
    }
  });

  it("side by side are each matrix's columns, each times its scale", () => {
    const [left, right] = [sparseRowRange(b, 0, 23), a];
    const joined = joinSparse([left, right], [2, 3], 23);
    const expected = dense(scaleSparseRows(left, new Float32Array(23).fill(2))).map((row, i) => [
      ...row,
      ...dense(scaleSparseRows(right, new Float32Array(23).fill(3)))[i],
    ]);
    expect(dense(joined)).toEqual(expected);
  });

  it.each([
    [0, 40],
    [0, 0],
    [3, 17],
    [39, 40],
    [12, 12],
  ])("have the columns from %i to %i in rows of their own memory", (begin, end) => {
    const part = sparseColumnRange(a, begin, end);
    expect(part.columns).toBe(end - begin);
    expect(dense(part)).toEqual(dense(a).map((row) => row.slice(begin, end)));
  });
});
