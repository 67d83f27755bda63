/**
 * Kernels between items, one or more a block, summed:
 *   K(x, y) = sum_t s_t K_t(x_b, y_b) + p(x)'p(y),   b = block of term t, p the presence bits (the linear kernel of every block's level)
 * on standardised blocks, or on the sparse rows of a block that is reduced, K_t of a form in `kernel-forms.ts`. A term is 0 where
 * either item lacks the block. w is the median squared distance of the training items ("median heuristic", Gretton et al. 2012)
 * times the bandwidth squared. s_t is weight^2 over the block's number of terms, where the block does not carry its weight already.
 * Of an rbf on sparse rows a part `byField` is shared out among one rbf a field: items that agree in one field alone are alike too.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import { partRanges } from "../../../data/reduced-block.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { columnRange, type Matrix, mirrorUpper, rowRange } from "../../../math/matrix.ts";
import { createMatrixRoom, type MatrixRoom } from "../../../math/matrix-room.ts";
import { createRandom } from "../../../math/random.ts";
import type { Inputs } from "../../training-set.ts";
import { type KernelForm, kernelForms } from "./kernel-forms.ts";
import type { KernelTerm, TermPlace } from "./kernel-term.ts";
import { type PreparedSide, preparedSide, squaredDistance, termSide } from "./term-side.ts";

/** Pairs whose distances give the median. */
const SAMPLED_PAIRS = 2000;

export interface KernelWidths {
  /** Of every rbf, against the median distance. */
  readonly bandwidth: number;
  /** Part of an rbf on sparse rows that is one rbf a field, each by its share; 0 for none. */
  readonly byField: number;
  readonly seed: number;
}

/** The terms of every block that has columns and weight, widths from the rows of x (n x (d + blocks)). */
export function kernelTerms(
  blocks: readonly FeatureBlock[],
  formsOf: (block: FeatureBlock) => readonly KernelForm[],
  inputs: Inputs,
  widths: KernelWidths,
): KernelTerm[] {
  const columns = inputs.x.columns - blocks.length;
  return blocks.flatMap((block, b) => {
    const { offset, dimension, weight } = block;
    if (weight === 0) return [];
    const isSparse = block.isReduced === true && inputs.sparse !== undefined;
    const forms = formsOf(block);
    return forms.flatMap((form) => {
      const { hasWidth, weightFactor } = kernelForms[form];
      const place = { form, offset, dimension, bit: columns + b, isSparse };
      const scale = (isSparse ? weight ** 2 : weightFactor(weight)) / forms.length;
      if (isSparse && hasWidth) return fieldTerms(blocks, place, scale, inputs, widths);
      return termsOfScale(place, scale, inputs, widths);
    });
  });
}

/** A term a field, and then one on all sparse rows, whose inner products are the sum of theirs. */
function fieldTerms(
  blocks: readonly FeatureBlock[],
  place: TermPlace,
  scale: number,
  inputs: Inputs,
  widths: KernelWidths,
): KernelTerm[] {
  const fields = partRanges(blocks);
  const byField = fields.length > 1 ? widths.byField : 0;
  return [
    ...fields.flatMap(({ part, begin, end }) =>
      termsOfScale({ ...place, range: { begin, end } }, byField * part.share * scale, inputs, widths),
    ),
    ...termsOfScale(place, (1 - byField) * scale, inputs, widths),
  ];
}

/** The term; none where it has no scale. */
function termsOfScale(place: TermPlace, scale: number, inputs: Inputs, widths: KernelWidths): KernelTerm[] {
  if (!(scale > 0)) return [];
  const { bandwidth, seed } = widths;
  const width = kernelForms[place.form].hasWidth ? bandwidth ** 2 * medianSquare(inputs, place, seed) : 1;
  return [{ ...place, scale, width }];
}

/** Median squared distance of random pairs of rows that both have what is read; 1 where there is none. */
function medianSquare(inputs: Inputs, place: TermPlace, seed: number): number {
  const { squares } = termSide(place, inputs);
  const rows = Array.from({ length: squares.length }, (_, i) => i).filter((i) => squares[i] < Infinity);
  const random = createRandom(seed);
  const distances: number[] = [];
  for (let pair = 0; pair < SAMPLED_PAIRS && rows.length > 1; pair++) {
    const [i, j] = [rows[random.integer(rows.length)], rows[random.integer(rows.length)]];
    if (i !== j) distances.push(squaredDistance(inputs, place, i, j));
  }
  const median = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)];
  return median > 0 ? median : 1;
}

/** Products of a term at a time, so that they are still near the processor when they are added. */
const PRODUCTS = 2 ** 20;
const FEWEST_ROWS = 256;

/**
 * The rows of K against y (m rows): n x m from n items, which stand until the function is called again. `blocks` is their number: the
 * last columns of x are the presence bits.
 */
export async function kernelAgainst(
  terms: readonly KernelTerm[],
  blocks: number,
  y: Inputs,
  backend: ComputeBackend,
): Promise<(x: Inputs) => Promise<Matrix>> {
  const right = await rightSides(terms, blocks, y, backend);
  const rooms = sumRooms();
  return (x) => sumTerms(x, right, () => 0, rooms, backend);
}

/** K of the items among themselves: n x n, symmetric; one half is computed. */
export async function gramMatrix(
  terms: readonly KernelTerm[],
  blocks: number,
  x: Inputs,
  backend: ComputeBackend,
): Promise<Matrix> {
  const gram = await sumTerms(x, await rightSides(terms, blocks, x, backend), (row) => row, sumRooms(), backend);
  mirrorUpper(gram);
  return gram;
}

interface RightSides {
  readonly of: Inputs;
  readonly bits: Matrix;
  readonly terms: readonly RightTerm[];
}

interface RightTerm {
  readonly term: KernelTerm;
  readonly squares: Float32Array;
  /** Absent where they are the sum of those of the terms before it, one a field. */
  readonly times?: PreparedSide["times"];
}

/** The last right sides of some terms, as long as memory allows: one map is asked again and again. */
const lastSides = new WeakMap<readonly KernelTerm[], WeakRef<RightSides>>();

async function rightSides(
  terms: readonly KernelTerm[],
  blocks: number,
  y: Inputs,
  backend: ComputeBackend,
): Promise<RightSides> {
  const last = lastSides.get(terms)?.deref();
  const isSame = last?.of.x.values === y.x.values && last.of.sparse === y.sparse && last.bits.columns === blocks;
  if (isSame) return last;
  const sides = await makeRightSides(terms, blocks, y, backend);
  lastSides.set(terms, new WeakRef(sides));
  return sides;
}

async function makeRightSides(
  terms: readonly KernelTerm[],
  blocks: number,
  y: Inputs,
  backend: ComputeBackend,
): Promise<RightSides> {
  const fields = terms.filter(({ range }) => range !== undefined);
  const covered = fields.reduce((sum, { range }) => sum + (range ? range.end - range.begin : 0), 0);
  const isSumOfFields = ({ form, isSparse, range }: KernelTerm): boolean =>
    form !== "cosine" && isSparse && range === undefined && covered > 0 && covered === y.sparse?.columns;
  const prepared = terms.map(async (term) => {
    const side = termSide(term, y);
    return { term, squares: side.squares, ...(!isSumOfFields(term) && (await preparedSide(side, backend))) };
  });
  return { of: y, bits: presenceBits(y.x, blocks), terms: await Promise.all(prepared) };
}

interface SumRooms {
  readonly sum: MatrixRoom;
  /** Of a chunk of rows: the products of one term, and those of the terms of all fields added up. */
  readonly products: MatrixRoom;
  readonly fields: MatrixRoom;
}

function sumRooms(): SumRooms {
  return { sum: createMatrixRoom(), products: createMatrixRoom(), fields: createMatrixRoom() };
}

/** `from` gives the first row of the right side that a chunk of rows of x, given by its first, needs. */
async function sumTerms(
  x: Inputs,
  { bits, terms }: RightSides,
  from: (row: number) => number,
  rooms: SumRooms,
  backend: ComputeBackend,
): Promise<Matrix> {
  const left = presenceBits(x.x, bits.columns);
  const sum = await backend.multiplyTransposed(left, bits, rooms.sum(left.rows, bits.rows));
  const rows = Math.max(FEWEST_ROWS, Math.floor(PRODUCTS / Math.max(1, sum.columns)));
  const lefts = terms.map(({ term }) => termSide(term, x));
  for (let begin = 0; begin < sum.rows; begin += rows) {
    const end = Math.min(begin + rows, sum.rows);
    const first = from(begin);
    const ofFields = rooms.fields(end - begin, sum.columns - first);
    ofFields.values.fill(0);
    for (const [t, { term, squares, times }] of terms.entries()) {
      const products = times === undefined ? ofFields : await times(lefts[t], begin, end, first, rooms.products);
      const productSums = term.range === undefined ? undefined : ofFields;
      const pairs = { products, productSums, x: lefts[t].squares.subarray(begin, end), y: squares };
      await kernelForms[term.form].add(rowRange(sum, begin, end), first, pairs, term, backend);
    }
  }
  return sum;
}

function presenceBits(x: Matrix, blocks: number): Matrix {
  return columnRange(x, x.columns - blocks, x.columns);
}
