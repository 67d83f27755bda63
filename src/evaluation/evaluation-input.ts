/**
 * What an evaluation is given, and what must hold before anything is ranked: shapes that fit, names that differ, and no leak from
 * test into train.
 */
import type { Slice } from "../data/slices.ts";
import { TailrecError } from "../errors.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { Contender } from "./ranking/scorer.ts";

export interface EvaluationInput {
  /** users x items; a user's training items never compete for that user, and support is counted here. */
  readonly train: SparseMatrix;
  /** users x items, no pair of it in `train`: the targets. */
  readonly test: SparseMatrix;
  readonly contenders: readonly Contender[];
  /** Besides `all`, which is always reported; `defaultSlices` when absent. */
  readonly slices?: readonly Slice[];
  /** A flag per item: 0 takes the item out of every candidate set. The test set must hold no such item. */
  readonly candidateFilter?: Uint8Array;
  /** Whose support the slices are about: the targets' (when absent), or the query items', where rows are items. */
  readonly sliceBy?: "target" | "query";
  /** Whether a slice is ranked among its own items as well, beside the catalog; when absent it is. */
  readonly amongSlices?: boolean;
  /** A flag per item: 1 where it is newly launched, for figures of lists that count such items. */
  readonly launched?: Uint8Array;
  /** How many of how many users took each item; counted in `train` when absent. */
  readonly popularity?: { readonly support: Uint32Array; readonly users: number };
  /** Weights of the targets, parallel to `test.indices`, for metrics that weigh them; 1 / (support + 1) when absent. */
  readonly targetWeights?: Float64Array;
  /** items x d: the diversity of a list is measured in these. */
  readonly itemContent?: Matrix;
  /** Named in the report. */
  readonly dataset?: string;
  /** How the split was made; copied into the report. */
  readonly protocol?: { readonly kind: string; readonly [key: string]: unknown };
}

export function checkInput(input: EvaluationInput): void {
  const { train, test, contenders, slices = [], sliceBy = "target", candidateFilter } = input;
  if (train.rows !== test.rows || train.columns !== test.columns) {
    const shapes = `train ${train.rows} x ${train.columns}, test ${test.rows} x ${test.columns}`;
    throw invalid(`expected train and test over the same users x items, received ${shapes}`);
  }
  if (candidateFilter !== undefined && candidateFilter.length !== train.columns) {
    throw invalid(`expected a candidateFilter of ${train.columns} flags, received ${candidateFilter.length}`);
  }
  if (contenders.length === 0) throw invalid("expected at least one contender, received none");
  if (!["target", "query"].includes(sliceBy)) throw invalid(`expected sliceBy target or query, received "${sliceBy}"`);
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
