/** What evaluation knows of a model: a name and a function from users to scores. */
import { defaultKernel, type Kernel } from "../math/kernel.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";

/** Scores of all items for the given users: users.length x items, finite, higher is better. */
export type Scorer = (users: Uint32Array) => Promise<Matrix> | Matrix;

export interface Contender {
  /** As in reports, e.g. "hybrid". */
  readonly name: string;
  readonly score: Scorer;
}

/** Inner products of user vectors (users x d) and item vectors (items x d). */
export function factorScorer(userVectors: Matrix, itemVectors: Matrix, kernel: Kernel = defaultKernel()): Scorer {
  return (users) => kernel.multiplyTransposed(takeRows(userVectors, users), itemVectors);
}
