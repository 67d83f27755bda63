/**
 * The forms that the kernel of a block may take, of rows x and y of that block:
 *   linear  x'y        cosine  x'y / (|x| |y|)        rbf  exp(-|x - y|^2 / w)
 * Each is a function of inner products, so that a matrix product does the work.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { type Matrix, rowOf } from "../../../math/matrix.ts";
import { unitRows } from "../../../math/row-norms.ts";

/** What a term multiplies its kernel by, and its width. */
export interface KernelScale {
  /** s. */
  readonly scale: number;
  /** w; 1 where the form has none. */
  readonly width: number;
}

interface FormDefinition {
  /** Whether it is measured against a width. */
  readonly hasWidth: boolean;
  /** Factor that gives the kernel the weight of its block; a standardised block carries its weight itself. */
  weightFactor(weight: number): number;
  /** Rows whose inner products the form is a function of. */
  vectors(block: Matrix): Matrix;
  /** Adds s K to the sums from a column on, in place. */
  add(
    sums: Matrix,
    first: number,
    pairs: PairProducts,
    term: KernelScale,
    backend: ComputeBackend,
  ): Promise<void> | void;
}

/** What a form is a function of: inner products, n x (m - first), and squared lengths, infinite for a row without the block. */
export interface PairProducts {
  readonly products: Matrix;
  /** With a form that has a width: the products are added to it. Such a term reads one field; the sums are those of all fields. */
  readonly productSums?: Matrix;
  /** n. */
  readonly x: Float32Array;
  /** m. */
  readonly y: Float32Array;
}

export const kernelForms = {
  linear: { hasWidth: false, weightFactor: () => 1, vectors: (block) => block, add: addProducts },
  cosine: { hasWidth: false, weightFactor: (weight) => weight ** 2, vectors: unitRows, add: addProducts },
  rbf: { hasWidth: true, weightFactor: (weight) => weight ** 2, vectors: (block) => block, add: addDistances },
} as const satisfies Readonly<Record<string, FormDefinition>>;

export type KernelForm = keyof typeof kernelForms;

export const kernelFormNames = Object.keys(kernelForms) as readonly KernelForm[];

function addProducts(sums: Matrix, first: number, { products }: PairProducts, { scale }: KernelScale): void {
  for (let i = 0; i < sums.rows; i++) {
    const to = rowOf(sums, i).subarray(first);
    const row = rowOf(products, i);
    for (let j = 0; j < to.length; j++) to[j] += scale * row[j];
  }
}

function addDistances(
  sums: Matrix,
  first: number,
  pairs: PairProducts,
  { scale, width }: KernelScale,
  backend: ComputeBackend,
): Promise<void> {
  return backend.addRbf({ sums, first, ...pairs, scale, width });
}
