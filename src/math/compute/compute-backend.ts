/**
 * The interface of a compute backend: the numerical jobs in which tailrec spends its time. It has two implementations,
 * TypeScript on worker threads (reference-backend.ts) and C++ (native-backend.ts).
 * A backend never changes a result with its number of threads: same input, same bytes.
 * Arrays in shared memory are read in place, others are copied as soon as they are needed (decision 053). Nobody should change them
 * before the promise settles; whoever does gets another result or an INVALID_ARGUMENT, which any unsound request gets.
 */
import type { RunContext } from "../../run-context.ts";
import type { Matrix, SparseMatrix } from "../matrix.ts";
import type { DiagonalBasis } from "./diagonal-basis.ts";
import type { ItemCodes } from "./search/item-codes.ts";
import type { Eigen } from "./symmetric.ts";

/**
 * n independent systems (equation 2), one a row, over m fixed factors w of rank k with Gram G = sum_u w_u w_u':
 *
 *   (e_i a0 G + sum_u c_iu w_u w_u' + l_i D) h_i = sum_u c_iu w_u + l_i D p_i
 */
export interface RowSystems {
  /** w: the fixed side, m x k. */
  readonly factors: Matrix;
  /** G: k x k, symmetric positive semi-definite; computed when absent (for cg from sums of some rows in float32). */
  readonly gram?: Matrix<Float64Array>;
  /** Of G and D, where many requests share them: found once, and G is not needed then. */
  readonly basis?: DiagonalBasis;
  /** c: n x m confidences, all > 0. */
  readonly rows: SparseMatrix;
  /** a0 >= 0. */
  readonly unobservedWeight: number;
  /** l: n values > 0. */
  readonly rowPrecision: ArrayLike<number>;
  /** D: the diagonal, k values > 0; all ones when absent. */
  readonly dimensionPrecision?: ArrayLike<number>;
  /** p: n x k; zero when absent. */
  readonly prior?: Matrix;
  /** e: n values in [0, 1]; all ones when absent. With 0 and no interaction the solution is the prior itself. */
  readonly exposure?: ArrayLike<number>;
  /** "exact" (when absent): Cholesky in float64. "cg": a few steps of conjugate gradients, for the sweeps of training. */
  readonly solver?: "exact" | "cg";
  /** Steps of cg at most, 3 when absent; a row stops once its excess loss is bounded by 1e-4 of its shared quadratic term. */
  readonly steps?: number;
  /** Where cg begins: n x k, for example the last sweep's solution; the prior when absent. */
  readonly start?: Matrix;
  /** Takes the solution in place of a new matrix: n x k; may be `start` itself. Of no use after an error. */
  readonly into?: Matrix;
  /**
   * With cg: takes the factors in the coordinates where everything shared is diagonal (diagonal-basis.ts), m x k, and the
   * solution stays in them too. No score changes, and of three changes of basis a sweep has two. May be `factors` itself,
   * which are then overwritten. Of no use after an error.
   */
  readonly factorsInto?: Matrix;
}

export interface TopKRequest {
  /** n x d. */
  readonly queries: Matrix;
  /** m x d. */
  readonly items: Matrix;
  readonly count: number;
  /** n x m pattern of pairs that must not be listed, columns ascending within each row (values are ignored). */
  readonly exclude?: SparseMatrix;
  /** m flags; an item with 0 is never listed. */
  readonly allow?: Uint8Array;
  /** m factors, each multiplied into its item's scores. */
  readonly itemScale?: Float32Array;
  /** The items in 8 bits, by which few queries are answered sooner. The lists are the same. */
  readonly codes?: ItemCodes;
}

/** A way to look at the items: lists of their own from products that all views share. */
export interface ItemView {
  /** m flags; an item with 0 is never listed. */
  readonly allow?: Uint8Array;
  /** m factors, each multiplied into its item's scores. */
  readonly itemScale?: Float32Array;
  /** n flags; a query with 0 finds nothing. */
  readonly asked?: Uint8Array;
  /** The leading numbers of queries and items that count, 0 to d; d when absent. */
  readonly length?: number;
}

export interface TopKViewsRequest extends Pick<TopKRequest, "queries" | "items" | "count" | "exclude"> {
  /** One at least. */
  readonly views: readonly ItemView[];
}

/** n lists of `count` places, best first; ties by lower item row. Places beyond the last candidate hold item -1 and score -Infinity. */
export interface TopK {
  readonly count: number;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** A B for sparse A (n x m) and B (m x l), columns of B ascending within each row. */
export interface SparseProductRequest {
  readonly a: SparseMatrix;
  readonly b: SparseMatrix;
  /** Columns of the product before this one are left out; 0 when absent. */
  readonly first?: number;
  /** What the product is added to: n x (l - first); zeros when absent. */
  readonly start?: Matrix;
  /** Takes the product in place of a new matrix: n x (l - first), in shared memory; may be `start` itself. */
  readonly into?: Matrix;
}

/** s exp(-|x_i - y_j|^2 / w) of every pair, from inner products and squared lengths, infinite where there is no vector. */
export interface RbfRequest {
  /** n x m, in shared memory: takes the sums. */
  readonly sums: Matrix;
  /** The columns before this one stay as they are. */
  readonly first: number;
  /** x_i'y_j: n x (m - first). */
  readonly products: Matrix;
  /** The products are added to it: n x (m - first), in shared memory. */
  readonly productSums?: Matrix;
  /** |x_i|^2: n. */
  readonly x: Float32Array;
  /** |y_j|^2: m. */
  readonly y: Float32Array;
  readonly scale: number;
  readonly width: number;
}

/** Sums over units drawn with replacement (Efron 1979), the same draws for every series. */
export interface ResampleRequest {
  /** s x n: the values of each series, one a unit. */
  readonly series: Matrix<Float64Array>;
  readonly resamples: number;
  /** Of `createRandom`, which draws n units a resample, resample after resample. */
  readonly seed: number;
}

/**
 * A symmetric positive semi-definite matrix, n x n: a kernel K whose items are weighted and centred, of which no copy is made. Element
 * (i, j) is roots_i roots_j (K_ij - means_i - means_j + mean). Half of K is read, any.
 */
export interface CentredKernel {
  readonly kernel: Matrix;
  /** n. */
  readonly roots: Float64Array;
  /** n. */
  readonly means: Float64Array;
  readonly mean: number;
}

/** A matrix that systems are made of. */
export type SymmetricMatrix = Matrix<Float64Array> | CentredKernel;

/** A Cholesky factor as the backend that made it keeps it, in shared memory: n x n. */
export interface CholeskyFactor {
  readonly n: number;
  readonly values: Float64Array;
}

export interface ComputeBackend {
  readonly name: "reference" | "native";
  /** Solves the systems: n x k. The exact solver works in float64 and rounds once at the end. */
  solveRows(systems: RowSystems, context?: RunContext): Promise<Matrix>;
  /** A B': n x m, from A n x d and B m x d. `into`, n x m in shared memory, takes it in place of a new matrix. */
  multiplyTransposed(a: Matrix, b: Matrix, into?: Matrix): Promise<Matrix>;
  /** A' diag(weights) A in float64: d x d; weights are ones when absent. All finite. */
  gram(a: Matrix, weights?: ArrayLike<number>): Promise<Matrix<Float64Array>>;
  topK(request: TopKRequest): Promise<TopK>;
  /** The lists of each view, to the bit those that `topK` gives for vectors so long with its flags and factors. Every product is computed once. */
  topKViews(request: TopKViewsRequest): Promise<readonly TopK[]>;
  /** M': m x n from n x m, columns ascending within each row. The native one lies in shared memory. */
  transpose(matrix: SparseMatrix): Promise<SparseMatrix>;
  /** A B: n x l, from sparse A n x m and dense B m x l; sums in the order of the entries. `into` as above, n x l. */
  multiplySparse(a: SparseMatrix, b: Matrix, into?: Matrix): Promise<Matrix>;
  /** A B of two sparse matrices, dense: n x (l - first). */
  multiplyBothSparse(request: SparseProductRequest): Promise<Matrix>;
  /** Eigenvalues, descending, and eigenvectors of a symmetric positive semi-definite matrix in float64. */
  eigen(gram: Matrix<Float64Array>): Promise<Eigen>;
  /** X_s = (A + s I)^-1 B for every shift s > 0, with A symmetric positive semi-definite n x n and B n x k. */
  solveShifted(a: SymmetricMatrix, b: Matrix<Float64Array>, shifts: readonly number[]): Promise<readonly Matrix[]>;
  /** The factor of A + s I: for right sides that come one after the other. */
  factor(a: SymmetricMatrix, shift: number): Promise<CholeskyFactor>;
  /** (A + s I)^-1 B from the factor, B n x k: what `solveShifted` gives. */
  solveFactored(factor: CholeskyFactor, b: Matrix<Float64Array>): Promise<Matrix>;
  /** Adds an RBF kernel to the sums, in place. */
  addRbf(request: RbfRequest): Promise<void>;
  /** The sum of each series in each resample: s x resamples. Units are added in ascending order, to the bit alike in every backend. */
  resample(request: ResampleRequest): Promise<Matrix<Float64Array>>;
}
