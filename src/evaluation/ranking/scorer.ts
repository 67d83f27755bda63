/** What evaluation knows of a model: a name, and how it orders all items for a row (a user, or a query item). */
import { type ComputeBackend, defaultBackend } from "../../math/compute/backend.ts";
import { columnRange, type Matrix, type SparseMatrix, takeRows } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import { once } from "../../once.ts";

/**
 * Scores of all items for the given rows: rows.length x items, finite, higher is better. They may lie in `into`, of this size and in
 * shared memory, where that is given.
 */
export type Scorer = (rows: Uint32Array, into?: Matrix) => Promise<Matrix> | Matrix;

/** Vectors of the rows that are asked, made when they are: those of all rows need not be in memory together. */
export interface Queries {
  readonly rows: number;
  readonly columns: number;
  /** The vectors of some rows, in their order. They may lie in the given memory, which has room for just these. */
  readonly take: (rows: Uint32Array, into?: Float32Array) => Matrix | Promise<Matrix>;
}

/** A model whose scores are inner products. */
export interface Factors {
  /** One vector a row that is asked: users x d, or items x d. */
  readonly queries: Queries;
  /** items x d. */
  readonly items: Matrix;
  /** items: multiplied into their scores. Models that differ in it and in `length` alone are ranked together. */
  readonly itemScale?: Float32Array;
  /** The leading numbers of all vectors that count; all when absent. */
  readonly length?: number;
  readonly backend: ComputeBackend;
}

/** One way of ordering all items for a row. */
export interface Ranker {
  readonly score: Scorer;
  /** The same scores as inner products, where they are: lists then come from the top-k kernel, and no score is ever stored. */
  readonly factors?: Factors;
}

export interface ScoredContender extends Ranker {
  /** As in reports, e.g. "hybrid". */
  readonly name: string;
  /** How alike items are, for query items; absent where the model has no notion of it. */
  readonly similar?: Ranker;
}

/** Lists that somebody else made. */
export interface ListedContender {
  readonly name: string;
  /** rows x items: the stored entries are the listed items, higher is better; ties by the seeded order of the evaluation. */
  readonly lists: SparseMatrix;
}

export type Contender = ScoredContender | ListedContender;

/** Inner products of user vectors (users x d) and item vectors (items x d), each times the factor of its item. */
export function factorRanker(
  queries: Matrix,
  items: Matrix,
  backend: ComputeBackend = defaultBackend(),
  itemScale?: Float32Array,
): Ranker {
  return queryRanker(queriesOf(queries), items, backend, itemScale);
}

/** Inner products with query vectors that are made when they are asked for, each times the factor of its item. */
export function queryRanker(
  queries: Queries,
  items: Matrix,
  backend: ComputeBackend = defaultBackend(),
  itemScale?: Float32Array,
): Ranker {
  return leadingRanker({ queries, items, itemScale, backend });
}

/** Inner products as the factors say: of the leading numbers, where not all of them count. */
export function leadingRanker(factors: Factors): Ranker {
  const { queries, items, itemScale, length = items.columns, backend } = factors;
  const leading = (matrix: Matrix) => (length < items.columns ? columnRange(matrix, 0, length) : matrix);
  const score: Scorer = async (rows) => {
    const products = await backend.multiplyTransposed(leading(await queries.take(rows)), leading(items));
    return scaleColumns(products, itemScale);
  };
  return { score, factors };
}

/** Changes the scores in place. */
function scaleColumns(scores: Matrix, itemScale: Float32Array | undefined): Matrix {
  const { rows, columns, values } = scores;
  if (itemScale === undefined) return scores;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] *= itemScale[j];
  return scores;
}

/** A ranker whose vectors are made when it is first asked: most protocols never ask how alike items are. */
export function lateRanker(create: () => Ranker): Ranker {
  const ranker = once(create);
  return {
    score: (rows, into) => ranker().score(rows, into),
    get factors() {
      return ranker().factors;
    },
  };
}

/** How alike items are by the cosine of their vectors: items x d. */
export function cosines(vectors: Matrix, backend?: ComputeBackend): Ranker {
  return lateRanker(() => {
    const directions = unitRows(vectors);
    return factorRanker(directions, directions, backend);
  });
}

/** The rows of a matrix. */
export function queriesOf(matrix: Matrix): Queries {
  return { rows: matrix.rows, columns: matrix.columns, take: (rows, into) => takeRows(matrix, rows, into) };
}

/** The scores of `factorRanker` alone. */
export function factorScorer(
  userVectors: Matrix,
  itemVectors: Matrix,
  backend: ComputeBackend = defaultBackend(),
): Scorer {
  return factorRanker(userVectors, itemVectors, backend).score;
}
