/**
 * Kernels between items, one or more a block, summed:
 *   K(x, y) = sum_t s_t K_t(x_b, y_b) + p(x)'p(y),   b = block of term t, p the presence bits (the linear kernel of every block's level)
 * on standardised blocks, K_t of a form in `kernel-forms.ts`. A term is 0 where either item lacks the block. w is the median
 * squared distance of the training items ("median heuristic", Gretton et al. 2012) times the bandwidth squared. s_t is weight^2
 * over the block's number of terms, where the block does not carry its weight already.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { columnRange, type Matrix, rowOf, rowRange } from "../../../math/matrix.ts";
import { createRandom } from "../../../math/random.ts";
import { squaredNorms } from "../../../math/row-norms.ts";
import { type KernelForm, type KernelScale, kernelForms } from "./kernel-forms.ts";

export interface KernelTerm extends KernelScale {
  readonly form: KernelForm;
  /** First column of the block in z, and its columns. */
  readonly offset: number;
  readonly dimension: number;
  /** Column of the block's presence bit in z. */
  readonly bit: number;
}

/** Pairs whose distances give the median. */
const SAMPLED_PAIRS = 2000;

/** The terms of every block that has columns, widths from the rows of x (n x (d + blocks)). */
export function kernelTerms(
  blocks: readonly FeatureBlock[],
  formsOf: (block: FeatureBlock) => readonly KernelForm[],
  x: Matrix,
  bandwidth: number,
  seed: number,
): KernelTerm[] {
  const columns = x.columns - blocks.length;
  return blocks.flatMap((block, b) => {
    const { offset, dimension, weight } = block;
    const place = { offset, dimension, bit: columns + b };
    const forms = formsOf(block);
    return forms.map((form) => ({
      form,
      ...place,
      scale: kernelForms[form].weightFactor(weight) / forms.length,
      width: kernelForms[form].hasWidth ? bandwidth ** 2 * medianSquare(x, place, seed) : 1,
    }));
  });
}

/** Median squared distance of random pairs of rows that both have the block; 1 where there is none. */
function medianSquare(
  x: Matrix,
  { offset, dimension, bit }: Omit<KernelTerm, "form" | "scale" | "width">,
  seed: number,
) {
  const rows = Array.from({ length: x.rows }, (_, i) => i).filter((i) => x.values[i * x.columns + bit] > 0);
  const random = createRandom(seed);
  const squares: number[] = [];
  for (let pair = 0; pair < SAMPLED_PAIRS && rows.length > 1; pair++) {
    const [i, j] = [rows[random.integer(rows.length)], rows[random.integer(rows.length)]];
    if (i === j) continue;
    let square = 0;
    for (let c = offset; c < offset + dimension; c++) {
      square += (x.values[i * x.columns + c] - x.values[j * x.columns + c]) ** 2;
    }
    squares.push(square);
  }
  const median = squares.sort((a, b) => a - b)[Math.floor(squares.length / 2)];
  return median > 0 ? median : 1;
}

/** Rows of K at a time, so that the products of a term are still near the processor when they are added. */
const CHUNK = 256;

/** K: n x m. `blocks` is their number: the last columns of both sides are the presence bits. */
export function kernelMatrix(
  terms: readonly KernelTerm[],
  blocks: number,
  x: Matrix,
  y: Matrix,
  backend: ComputeBackend,
): Promise<Matrix> {
  return sumTerms(terms, blocks, { x, y, from: () => 0 }, backend);
}

/** K of the items among themselves: n x n, symmetric; one half is computed. */
export async function gramMatrix(
  terms: readonly KernelTerm[],
  blocks: number,
  x: Matrix,
  backend: ComputeBackend,
): Promise<Matrix> {
  const gram = await sumTerms(terms, blocks, { x, y: x, from: (row) => row }, backend);
  const { rows: n, values } = gram;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) values[i * n + j] = values[j * n + i];
  return gram;
}

interface Sides {
  readonly x: Matrix;
  readonly y: Matrix;
  /** The first row of y that a chunk of rows of x, given by its first, needs. */
  readonly from: (row: number) => number;
}

async function sumTerms(
  terms: readonly KernelTerm[],
  blocks: number,
  { x, y, from }: Sides,
  backend: ComputeBackend,
): Promise<Matrix> {
  const bits = (matrix: Matrix) => columnRange(matrix, matrix.columns - blocks, matrix.columns);
  const sum = await backend.multiplyTransposed(bits(x), bits(y));
  for (const term of terms) {
    const [a, b] = [termSide(term, x), termSide(term, y)];
    for (let begin = 0; begin < x.rows; begin += CHUNK) {
      const part = rowRange(a.vectors, begin, Math.min(begin + CHUNK, x.rows));
      const first = from(begin);
      const products = await backend.multiplyTransposed(part, rowRange(b.vectors, first, y.rows));
      const squares = b.squares.subarray(first);
      for (let i = 0; i < part.rows; i++) {
        const into = rowOf(sum, begin + i).subarray(first);
        kernelForms[term.form].add(into, rowOf(products, i), { x: a.squares[begin + i], y: squares }, term);
      }
    }
  }
  return sum;
}

interface TermSide {
  /** As `termColumns`. */
  readonly vectors: Matrix;
  /** Squared lengths; infinite for a row without the block, which puts it beyond all distances. */
  readonly squares: Float64Array;
}

function termSide(term: KernelTerm, z: Matrix): TermSide {
  const vectors = termColumns(term, z);
  const isPresent = (i: number): boolean => z.values[i * z.columns + term.bit] > 0;
  return { vectors, squares: squaredNorms(vectors).map((square, i) => (isPresent(i) ? square : Infinity)) };
}

/** What the inner products of the term's form are taken of: n x the block's columns. */
export function termColumns({ form, offset, dimension }: KernelTerm, z: Matrix): Matrix {
  return kernelForms[form].vectors(columnRange(z, offset, offset + dimension));
}
