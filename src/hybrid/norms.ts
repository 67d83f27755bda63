/** Vectors with their length raised to another power: what the tail dial and the user solve do to items. */
import { sharedMatrix, sharedZeros } from "../math/compute/shared-memory.ts";
import type { Matrix } from "../math/matrix.ts";
import type { MatrixRoom } from "../math/matrix-room.ts";
import { scaleRows, squaredNorms } from "../math/row-norms.ts";

/** v / |v|^exponent for every row; zero rows stay zero. At 0 the vectors themselves, at 1 unit vectors. */
export function scaleNorms(vectors: Matrix, exponent: number): Matrix {
  return exponent === 0 ? vectors : scaleRows(vectors, powersOfNorms(vectors, exponent));
}

/** The same in shared memory, that of `roomFor` where it is given. */
export function sharedScaledNorms(vectors: Matrix, exponent: number, roomFor: MatrixRoom = sharedZeros): Matrix {
  if (exponent === 0) return sharedMatrix(vectors);
  return scaleRows(vectors, powersOfNorms(vectors, exponent), roomFor(vectors.rows, vectors.columns));
}

/** 1 / |v|^exponent for every row, 0 for zero rows: what scores are multiplied with instead. Undefined at 0, where nothing changes. */
export function normScales(vectors: Matrix, exponent: number): Float32Array | undefined {
  return exponent === 0 ? undefined : Float32Array.from(powersOfNorms(vectors, exponent));
}

function powersOfNorms(vectors: Matrix, exponent: number): Float64Array {
  return squaredNorms(vectors).map((square) => (square > 0 ? square ** (-exponent / 2) : 0));
}
