/** What must hold before anything is ranked: shapes that fit, names that differ, and no leak from test into train. */
import { TailrecError } from "../errors.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { EvaluationInput } from "./evaluate.ts";

export function checkInput({ train, test, contenders, slices = [], candidateFilter }: EvaluationInput): void {
  if (train.rows !== test.rows || train.columns !== test.columns) {
    const shapes = `train ${train.rows} x ${train.columns}, test ${test.rows} x ${test.columns}`;
    throw invalid(`expected train and test over the same users x items, received ${shapes}`);
  }
  if (candidateFilter !== undefined && candidateFilter.length !== train.columns) {
    throw invalid(`expected a candidateFilter of ${train.columns} flags, received ${candidateFilter.length}`);
  }
  if (contenders.length === 0) throw invalid("expected at least one contender, received none");
  checkNames("contenders", contenders);
  checkNames("slices", slices);
  if (test.indices.length === 0) {
    throw new TailrecError("NOT_ENOUGH_DATA", "the test set holds no interaction: raise the held-out share");
  }
  checkTargets(train, test, candidateFilter);
}

function checkNames(what: string, named: readonly { readonly name: string }[]): void {
  const names = named.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalid(`expected ${what} with different names, received "${twice}" twice`);
}

function checkTargets(train: SparseMatrix, test: SparseMatrix, filter: Uint8Array | undefined): void {
  const lastUser = new Int32Array(train.columns).fill(-1);
  for (let user = 0; user < test.rows; user++) {
    for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) lastUser[train.indices[p]] = user;
    for (let p = test.indptr[user]; p < test.indptr[user + 1]; p++) {
      const item = test.indices[p];
      if (lastUser[item] === user) {
        throw invalid(`user row ${user}, item row ${item} is in train and in test: the test set has leaked`);
      }
      if (filter !== undefined && filter[item] === 0) {
        throw invalid(
          `user row ${user}: test item row ${item} is shut out by candidateFilter: filter the test set too`,
        );
      }
    }
  }
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", message);
}
