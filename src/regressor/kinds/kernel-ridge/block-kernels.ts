/**
 * Kernels between items, one or more a block, summed:
 *   K(x, y) = sum_t s_t K_t(x_b, y_b) + p(x)'p(y),   b = block of term t, p the presence bits (the linear kernel of every block's level)
 * on standardised blocks, or on the sparse rows of a block that is reduced, K_t of a form in `kernel-forms.ts`. A term is 0 where
 * either item lacks the block. w is the median squared distance of the training items ("median heuristic", Gretton et al. 2012)
 * times the bandwidth squared. s_t is weight^2 over the block's number of terms, where the block does not carry its weight already.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { sharedMatrix } from "../../../math/compute/shared-memory.ts";
import { columnRange, type Matrix, rowRange } from "../../../math/matrix.ts";
import { createRandom } from "../../../math/random.ts";
import type { Inputs } from "../../training-set.ts";
import { type KernelForm, kernelForms } from "./kernel-forms.ts";
import type { KernelTerm, TermPlace } from "./kernel-term.ts";
import { productsOf, squaredDistance, termSide } from "./term-side.ts";

/** Pairs whose distances give the median. */
const SAMPLED_PAIRS = 2000;

/** The terms of every block that has columns and weight, widths from the rows of x (n x (d + blocks)). */
export function kernelTerms(
  blocks: readonly FeatureBlock[],
  formsOf: (block: FeatureBlock) => readonly KernelForm[],
  inputs: Inputs,
  bandwidth: number,
  seed: number,
): KernelTerm[] {
  const columns = inputs.x.columns - blocks.length;
  return blocks.flatMap((block, b) => {
    const { offset, dimension, weight } = block;
    if (weight === 0) return [];
    const isSparse = block.isReduced === true && inputs.sparse !== undefined;
    const forms = formsOf(block);
    return forms.map((form) => {
      const { hasWidth, weightFactor } = kernelForms[form];
      const place = { form, offset, dimension, bit: columns + b, isSparse };
      const factor = isSparse ? weight ** 2 : weightFactor(weight);
      const width = hasWidth ? bandwidth ** 2 * medianSquare(inputs, place, seed) : 1;
      return { ...place, scale: factor / forms.length, width };
    });
  });
}

/** Median squared distance of random pairs of rows that both have the block; 1 where there is none. */
function medianSquare(inputs: Inputs, place: TermPlace, seed: number): number {
  const { x } = inputs;
  const rows = Array.from({ length: x.rows }, (_, i) => i).filter((i) => x.values[i * x.columns + place.bit] > 0);
  const random = createRandom(seed);
  const squares: number[] = [];
  for (let pair = 0; pair < SAMPLED_PAIRS && rows.length > 1; pair++) {
    const [i, j] = [rows[random.integer(rows.length)], rows[random.integer(rows.length)]];
    if (i !== j) squares.push(squaredDistance(inputs, place, i, j));
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
  x: Inputs,
  y: Inputs,
  backend: ComputeBackend,
): Promise<Matrix> {
  return sumTerms(terms, blocks, { x, y, from: () => 0 }, backend);
}

/** K of the items among themselves: n x n, symmetric; one half is computed. */
export async function gramMatrix(
  terms: readonly KernelTerm[],
  blocks: number,
  x: Inputs,
  backend: ComputeBackend,
): Promise<Matrix> {
  const gram = await sumTerms(terms, blocks, { x, y: x, from: (row) => row }, backend);
  const { rows: n, values } = gram;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) values[i * n + j] = values[j * n + i];
  return gram;
}

interface Sides {
  readonly x: Inputs;
  readonly y: Inputs;
  /** The first row of y that a chunk of rows of x, given by its first, needs. */
  readonly from: (row: number) => number;
}

async function sumTerms(
  terms: readonly KernelTerm[],
  blocks: number,
  { x, y, from }: Sides,
  backend: ComputeBackend,
): Promise<Matrix> {
  const bits = ({ x: matrix }: Inputs) => columnRange(matrix, matrix.columns - blocks, matrix.columns);
  const sum = sharedMatrix(await backend.multiplyTransposed(bits(x), bits(y)));
  for (const term of terms) {
    const a = termSide(term, x);
    const b = x === y ? a : termSide(term, y);
    const productsFrom = await productsOf(a, b, backend);
    for (let begin = 0; begin < sum.rows; begin += CHUNK) {
      const end = Math.min(begin + CHUNK, sum.rows);
      const first = from(begin);
      const products = await productsFrom(begin, end, first);
      const pairs = { products, x: a.squares.subarray(begin, end), y: b.squares };
      await kernelForms[term.form].add(rowRange(sum, begin, end), first, pairs, term, backend);
    }
  }
  return sum;
}
