/** One side of a term of the kernel: the rows whose inner products its form is a function of, dense or sparse. */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { sharedMatrix } from "../../../math/compute/shared-memory.ts";
import { columnRange, type Matrix, rowRange, type SparseMatrix } from "../../../math/matrix.ts";
import type { MatrixRoom } from "../../../math/matrix-room.ts";
import { squaredNorms } from "../../../math/row-norms.ts";
import {
  productSide,
  sparseColumnRange,
  sparseProducts,
  sparseRowRange,
  sparseSquaredNorms,
  unitSparseRows,
} from "../../../math/sparse-product.ts";
import type { Inputs } from "../../training-set.ts";
import { kernelForms } from "./kernel-forms.ts";
import type { TermPlace } from "./kernel-term.ts";

export interface TermSide {
  readonly vectors: Matrix | SparseMatrix;
  /** Squared lengths; infinite for a row without the block, which puts it beyond all distances. */
  readonly squares: Float32Array;
}

export function termSide(term: TermPlace, inputs: Inputs): TermSide {
  const { x } = inputs;
  const vectors = term.isSparse && inputs.sparse ? sparseRows(term, inputs.sparse) : termColumns(term, x);
  const squares = isSparse(vectors) ? sparseSquaredNorms(vectors) : squaredNorms(vectors);
  const isPresent = (i: number): boolean => x.values[i * x.columns + term.bit] > 0 && hasRange(term, vectors, i);
  return { vectors, squares: Float32Array.from(squares, (square, i) => (isPresent(i) ? square : Infinity)) };
}

/** Whether a row has an entry in the range that is read, where one is. */
function hasRange({ range }: TermPlace, vectors: TermSide["vectors"], i: number): boolean {
  return range === undefined || !isSparse(vectors) || vectors.indptr[i + 1] > vectors.indptr[i];
}

/** What the inner products of the term's form are taken of: n x the block's columns. */
export function termColumns({ form, offset, dimension }: TermPlace, z: Matrix): Matrix {
  return kernelForms[form].vectors(columnRange(z, offset, offset + dimension));
}

function sparseRows({ form, range }: TermPlace, rows: SparseMatrix): SparseMatrix {
  const read = range === undefined ? rows : sparseColumnRange(rows, range.begin, range.end);
  return form === "cosine" ? unitSparseRows(read) : read;
}

/** The right side of a term, made ready for the products of many rows with it. */
export interface PreparedSide {
  readonly squares: Float32Array;
  /** Inner products of the rows of `left` from `begin` to `end` with those of this side from `first` on, in `room`. */
  times(left: TermSide, begin: number, end: number, first: number, room: MatrixRoom): Promise<Matrix>;
}

export async function preparedSide({ vectors, squares }: TermSide, backend: ComputeBackend): Promise<PreparedSide> {
  if (!isSparse(vectors)) {
    const right = sharedMatrix(vectors);
    return {
      squares,
      times: (left, begin, end, first, room) => {
        const into = room(end - begin, right.rows - first);
        const rows = rowRange(denseOf(left), begin, end);
        return backend.multiplyTransposed(rows, rowRange(right, first, right.rows), into);
      },
    };
  }
  const side = await productSide(vectors, backend);
  return {
    squares,
    times: (left, begin, end, first, room) =>
      sparseProducts(sparseRowRange(sparseOf(left), begin, end), side, backend, first, room),
  };
}

function isSparse(vectors: Matrix | SparseMatrix): vectors is SparseMatrix {
  return "indptr" in vectors;
}

function denseOf({ vectors }: TermSide): Matrix {
  if (isSparse(vectors)) throw new TypeError(ONE_KIND);
  return vectors;
}

function sparseOf({ vectors }: TermSide): SparseMatrix {
  if (!isSparse(vectors)) throw new TypeError(ONE_KIND);
  return vectors;
}

const ONE_KIND = "a term's sides are both sparse or both dense";

/** |x_i - x_j|^2 in the term's block. */
export function squaredDistance({ x, sparse }: Inputs, place: TermPlace, i: number, j: number): number {
  if (place.isSparse && sparse) return sparseDistance(sparse, place, i, j);
  let square = 0;
  for (let c = place.offset; c < place.offset + place.dimension; c++) {
    square += (x.values[i * x.columns + c] - x.values[j * x.columns + c]) ** 2;
  }
  return square;
}

function sparseDistance({ indptr, indices, values }: SparseMatrix, { range }: TermPlace, i: number, j: number): number {
  const differences = new Map<number, number>();
  const add = (row: number, sign: number): void => {
    for (let p = indptr[row]; p < indptr[row + 1]; p++) {
      const column = indices[p];
      if (range !== undefined && (column < range.begin || column >= range.end)) continue;
      differences.set(column, (differences.get(column) ?? 0) + sign * values[p]);
    }
  };
  add(i, 1);
  add(j, -1);
  return [...differences.values()].reduce((sum, difference) => sum + difference ** 2, 0);
}
