/** The map of kernel ridge: f(x) = sum_i a_i K(x, x_i) + b, on landmarks x_i. */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { transpose } from "../../../math/linear-map.ts";
import { type Matrix, rowRange, type SparseMatrix, zeros } from "../../../math/matrix.ts";
import { sparseRowRange } from "../../../math/sparse-product.ts";
import type { PenalisedMap } from "../../penalty-choice.ts";
import type { Inputs } from "../../training-set.ts";
import { addToRows } from "../ridge/ridge-regression.ts";
import { kernelAgainst } from "./block-kernels.ts";
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
  const [prediction] = await applyKernelMaps([map], { x: z, sparse }, backend);
  return prediction;
}

/** What maps on the same landmarks say: their kernel is computed once. */
export async function applyKernelMaps(
  maps: readonly KernelMap[],
  inputs: Inputs,
  backend: ComputeBackend,
): Promise<Matrix[]> {
  const [{ terms, blocks, ...landmarks }] = maps;
  const similarTo = await kernelAgainst(terms, blocks, landmarkInputs(landmarks), backend);
  const results = maps.map(({ dual }) => zeros(inputs.x.rows, dual.columns));
  for (const { begin, part } of chunksOf(inputs, CHUNK)) {
    const similarities = await similarTo(part);
    for (const [m, map] of maps.entries()) {
      results[m].values.set((await predictFrom(similarities, map, backend)).values, begin * map.dual.columns);
    }
  }
  return results;
}

/** The items in parts of so many rows, each with its first. */
export function chunksOf({ x, sparse }: Inputs, rows: number): { readonly begin: number; readonly part: Inputs }[] {
  return Array.from({ length: Math.ceil(x.rows / rows) }, (_, c) => {
    const [begin, end] = [c * rows, Math.min((c + 1) * rows, x.rows)];
    return { begin, part: { x: rowRange(x, begin, end), sparse: sparse && sparseRowRange(sparse, begin, end) } };
  });
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
