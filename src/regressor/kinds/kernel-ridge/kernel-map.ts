/** The map of kernel ridge: f(x) = sum_i a_i K(x, x_i) + b, on landmarks x_i. */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { transpose } from "../../../math/linear-map.ts";
import { type Matrix, rowRange, type SparseMatrix, zeros } from "../../../math/matrix.ts";
import { sparseRowRange } from "../../../math/sparse-product.ts";
import type { PenalisedMap } from "../../penalty-choice.ts";
import type { Inputs } from "../../training-set.ts";
import { addToRows } from "../ridge/ridge-regression.ts";
import { kernelMatrix } from "./block-kernels.ts";
import type { KernelTerm } from "./kernel-term.ts";

/** The kernel K. */
export interface KernelSpace {
  readonly terms: readonly KernelTerm[];
  /** Number of blocks: the last columns of the landmarks are their presence bits. */
  readonly blocks: number;
  /** Width of the rbf kernels against the median distance. */
  readonly bandwidth: number;
}

export interface KernelMap extends KernelSpace, PenalisedMap {
  /** x_i: m x (d + blocks), standardised. */
  readonly landmarks: Matrix;
  /** Their sparse rows, m x terms, where a term reads them. */
  readonly sparseLandmarks?: SparseMatrix;
  /** a: m x k. */
  readonly dual: Matrix;
  /** b: k. */
  readonly intercept: Float32Array;
}

export type Landmarks = Pick<KernelMap, "landmarks" | "sparseLandmarks">;

/** Rows of K at a time: memory stays at rows x landmarks, whatever the catalog. */
const CHUNK = 2048;

export async function applyKernelMap(
  map: KernelMap,
  z: Matrix,
  backend: ComputeBackend,
  sparse?: SparseMatrix,
): Promise<Matrix> {
  const { terms, blocks } = map;
  const landmarks = landmarkInputs(map);
  const result = zeros(z.rows, map.dual.columns);
  for (let begin = 0; begin < z.rows; begin += CHUNK) {
    const end = Math.min(begin + CHUNK, z.rows);
    const part = { x: rowRange(z, begin, end), sparse: sparse && sparseRowRange(sparse, begin, end) };
    const similarities = await kernelMatrix(terms, blocks, part, landmarks, backend);
    result.values.set((await predictFrom(similarities, map, backend)).values, begin * result.columns);
  }
  return result;
}

export function landmarkInputs({ landmarks, sparseLandmarks }: Landmarks): Inputs {
  return { x: landmarks, sparse: sparseLandmarks };
}

/** The landmarks of a map as its fields. */
export function landmarksOf({ x, sparse }: Inputs): Landmarks {
  return sparse === undefined ? { landmarks: x } : { landmarks: x, sparseLandmarks: sparse };
}

/** f from the rows of K: n x k. */
export async function predictFrom(
  similarities: Matrix,
  { dual, intercept }: Pick<KernelMap, "dual" | "intercept">,
  backend: ComputeBackend,
): Promise<Matrix> {
  return addToRows(await backend.multiplyTransposed(similarities, transpose(dual)), intercept);
}
