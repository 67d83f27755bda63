/**
 * The coordinates in which everything that the rows of equation 2 share is diagonal: with D^-1/2 G D^-1/2 = Q diag(g) Q'
 * and T = D^-1/2 Q, the substitution h = T y, z = w T, q = p D T turns a0 G + l D into a0 diag(g) + l I for every l.
 */
import type { Matrix } from "../matrix.ts";
import { shared } from "./shared-memory.ts";
import { type Eigen, eigenOfGram } from "./symmetric.ts";

export interface DiagonalBasis {
  /** g: k eigenvalues >= 0. */
  readonly spectrum: Float64Array;
  /** T: k x k, row-major. */
  readonly toBasis: Float64Array;
  /** D T. */
  readonly priorToBasis: Float64Array;
}

/** The same in shared memory: a solver of single rows reads k x k numbers a time, and would copy them. */
export function sharedBasis({ spectrum, toBasis, priorToBasis }: DiagonalBasis): DiagonalBasis {
  const rotated = shared(toBasis);
  return {
    spectrum: shared(spectrum),
    toBasis: rotated,
    priorToBasis: priorToBasis === toBasis ? rotated : shared(priorToBasis),
  };
}

type Decompose = (gram: Matrix<Float64Array>) => Eigen | Promise<Eigen>;

/** `decompose` finds the eigenvectors; the TypeScript one is the default. */
export async function diagonalBasis(
  gram: Matrix<Float64Array>,
  dimensionPrecision?: ArrayLike<number>,
  decompose: Decompose = eigenOfGram,
): Promise<DiagonalBasis> {
  if (dimensionPrecision === undefined) return rotation(await decompose(gram));
  const k = gram.rows;
  const root = Float64Array.from(dimensionPrecision, Math.sqrt);
  const whitened = gram.values.map((value, p) => value / (root[Math.floor(p / k)] * root[p % k]));
  const { values: spectrum, vectors } = await decompose({ rows: k, columns: k, values: whitened });
  return {
    spectrum,
    toBasis: vectors.values.map((value, p) => value / root[Math.floor(p / k)]),
    priorToBasis: vectors.values.map((value, p) => value * root[Math.floor(p / k)]),
  };
}

/** D = I: T and D T are the eigenvectors. */
function rotation({ values, vectors }: Eigen): DiagonalBasis {
  return { spectrum: values, toBasis: vectors.values, priorToBasis: vectors.values };
}

/** The values themselves, or ones where there are none. */
export function ones(values: ArrayLike<number> | undefined, length: number): Float64Array {
  return values === undefined ? new Float64Array(length).fill(1) : new Float64Array(values);
}

/** M' of a square row-major matrix. */
export function transposedSquare(matrix: Float64Array, n: number): Float64Array {
  return matrix.map((_, p) => matrix[(p % n) * n + Math.floor(p / n)]);
}
