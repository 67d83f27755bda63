/**
 * The forms that the kernel of a block may take, of rows x and y of that block:
 *   linear  x'y        cosine  x'y / (|x| |y|)        rbf  exp(-|x - y|^2 / w)
 * Each is a function of inner products, so that a matrix product does the work.
 */
import { decay } from "../../../math/exponential.ts";
import type { Matrix } from "../../../math/matrix.ts";
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
  /** Adds s K(x, y) of one x and every y to `sums`, from inner products and squared lengths, infinite where y lacks the block. */
  add(sums: Float32Array, products: Float32Array, squares: SquaredLengths, term: KernelScale): void;
}

export interface SquaredLengths {
  readonly x: number;
  readonly y: Float64Array;
}

export const kernelForms = {
  linear: { hasWidth: false, weightFactor: () => 1, vectors: (block) => block, add: addProducts },
  cosine: { hasWidth: false, weightFactor: (weight) => weight ** 2, vectors: unitRows, add: addProducts },
  rbf: { hasWidth: true, weightFactor: (weight) => weight ** 2, vectors: (block) => block, add: addDistances },
} as const satisfies Readonly<Record<string, FormDefinition>>;

export type KernelForm = keyof typeof kernelForms;

export const kernelFormNames = Object.keys(kernelForms) as readonly KernelForm[];

function addProducts(
  sums: Float32Array,
  products: Float32Array,
  _squares: SquaredLengths,
  { scale }: KernelScale,
): void {
  for (let j = 0; j < sums.length; j++) sums[j] += scale * products[j];
}

/** exp(-|x - y|^2 / w) = exp(-(|x|^2 + |y|^2 - 2 x'y) / w); rounding may leave a distance below 0. */
function addDistances(
  sums: Float32Array,
  products: Float32Array,
  { x, y }: SquaredLengths,
  { scale, width }: KernelScale,
): void {
  for (let j = 0; j < sums.length; j++) {
    const distance = x + y[j] - 2 * products[j];
    sums[j] += scale * decay(distance > 0 ? distance / width : 0);
  }
}
