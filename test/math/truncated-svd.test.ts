import { Matrix as MlMatrix, SVD } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { centredMap, type LinearMap, multiply, sparseMap } from "../../src/math/linear-map.ts";
import type { Matrix, SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { truncatedSvd } from "../../src/math/truncated-svd.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";

function dense(a: SparseMatrix): number[][] {
  const rows = Array.from({ length: a.rows }, () => new Array<number>(a.columns).fill(0));
  for (let i = 0; i < a.rows; i++) {
    for (let p = a.indptr[i]; p < a.indptr[i + 1]; p++) rows[i][a.indices[p]] = a.values[p];
  }
  return rows;
}

const rowsOf = (m: Matrix): number[][] =>
  Array.from({ length: m.rows }, (_, i) => Array.from(m.values.subarray(i * m.columns, (i + 1) * m.columns)));

/** |a - b| over the projections V V', which do not depend on the signs of the columns. */
function subspaceDistance(right: Matrix, exact: MlMatrix): number {
  const ours = new MlMatrix(rowsOf(right));
  const theirs = exact.subMatrix(0, exact.rows - 1, 0, right.columns - 1);
  return MlMatrix.sub(ours.mmul(ours.transpose()), theirs.mmul(theirs.transpose())).norm();
}

async function expectOracle(map: LinearMap, rows: number[][], rank: number): Promise<void> {
  const exact = new SVD(new MlMatrix(rows), { autoTranspose: true });
  const { singularValues, right } = await truncatedSvd(map, { rank, seed: 1, iterations: 12 });
  expect(right.columns).toBe(rank);
  for (let j = 0; j < rank; j++) expect(singularValues[j]).toBeCloseTo(exact.diagonal[j], 3);
  expect(subspaceDistance(right, exact.rightSingularVectors)).toBeLessThan(2e-3);
}

describe("truncatedSvd", () => {
  it("agrees with a full dense SVD on a tall and on a wide sparse matrix", async () => {
    for (const [rows, columns] of [
      [80, 50],
      [50, 90],
    ]) {
      const a = randomSparse(createRandom(3), rows, columns, 12);
      await expectOracle(sparseMap(a), dense(a), 6);
    }
  });

  it("agrees with a full dense SVD on a matrix minus its column means", async () => {
    const x = randomMatrix(createRandom(5), 60, 20);
    const mean = Float32Array.from({ length: 20 }, (_, j) => rowsOf(x).reduce((sum, row) => sum + row[j] / 60, 0));
    const centred = rowsOf(x).map((row) => row.map((value, j) => value - mean[j]));
    await expectOracle(centredMap(x, mean), centred, 5);
  });

  it("gives orthonormal right vectors, and only as many as the matrix has rank", async () => {
    const factor = randomMatrix(createRandom(7), 40, 3);
    const x = multiply(factor, randomMatrix(createRandom(8), 3, 30));
    const { singularValues, right } = await truncatedSvd(centredMap(x, new Float32Array(30)), { rank: 10, seed: 1 });
    expect(singularValues).toHaveLength(3);
    const v = new MlMatrix(rowsOf(right));
    expect(MlMatrix.sub(v.transpose().mmul(v), MlMatrix.eye(3)).norm()).toBeLessThan(1e-5);
  });

  it("gives no components for a matrix of zeros", async () => {
    const empty = {
      rows: 3,
      columns: 4,
      indptr: new Uint32Array(4),
      indices: new Uint32Array(0),
      values: new Float32Array(0),
    };
    expect((await truncatedSvd(sparseMap(empty), { rank: 2, seed: 1 })).right).toMatchObject({ rows: 4, columns: 0 });
  });

  it("same seed, same bytes", async () => {
    const map = sparseMap(randomSparse(createRandom(9), 70, 60, 9));
    const once = await truncatedSvd(map, { rank: 8, seed: 4 });
    expect(await truncatedSvd(map, { rank: 8, seed: 4 })).toEqual(once);
  });

  it("refuses a rank below 1", async () => {
    await expect(truncatedSvd(sparseMap(randomSparse(createRandom(1), 3, 3, 2)), { rank: 0, seed: 1 })).rejects.toThrow(
      "rank",
    );
  });
});
