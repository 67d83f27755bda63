/** What evaluation knows of a model: a name, and how it orders all items for a row (a user, or a query item). */
import { type ComputeBackend, defaultBackend } from "../../math/compute/backend.ts";
import { type Matrix, type SparseMatrix, takeRows } from "../../math/matrix.ts";

/** Scores of all items for the given rows: rows.length x items, finite, higher is better. */
export type Scorer = (rows: Uint32Array) => Promise<Matrix> | Matrix;

/** A model whose scores are inner products. */
export interface Factors {
  /** One vector a row that is asked: users x d, or items x d. */
  readonly queries: Matrix;
  /** items x d. */
  readonly items: Matrix;
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

/** Inner products of user vectors (users x d) and item vectors (items x d). */
export function factorRanker(queries: Matrix, items: Matrix, backend: ComputeBackend = defaultBackend()): Ranker {
  return {
    score: (rows) => backend.multiplyTransposed(takeRows(queries, rows), items),
    factors: { queries, items, backend },
  };
}

/** The scores of `factorRanker` alone. */
export function factorScorer(
  userVectors: Matrix,
  itemVectors: Matrix,
  backend: ComputeBackend = defaultBackend(),
): Scorer {
  return factorRanker(userVectors, itemVectors, backend).score;
}
