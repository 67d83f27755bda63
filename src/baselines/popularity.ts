/** Baseline `popularity`: every user is shown the items with the most training interactions. */
import { itemSupport } from "../data/interactions.ts";
import { queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { Baseline } from "./model-kind.ts";

/** score(u, i) = support of i in `train` (users x items). */
export function popularity(train: SparseMatrix): ScoredContender {
  const support = itemSupport(train);
  // An inner product of one number: support x 1.
  const items = { rows: train.columns, columns: 1, values: Float32Array.from(support) };
  const take = ({ length }: Uint32Array) => ({ rows: length, columns: 1, values: new Float32Array(length).fill(1) });
  const askedBy = (rows: number) => queryRanker({ rows, columns: 1, take }, items);
  return { name: "popularity", ...askedBy(train.rows), similar: askedBy(train.columns) };
}

export const popularityKind: Baseline = {
  name: "popularity",
  words: "every user is shown what most users took",
  byDefault: true,
  knowsContent: false,
  fit: ({ train }) => popularity(train),
};
