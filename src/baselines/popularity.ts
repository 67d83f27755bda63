/** Baseline `popularity`: every user is shown the items with the most training interactions. */
import { itemSupport } from "../data/interactions.ts";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type SparseMatrix, zeros } from "../math/matrix.ts";
import type { Baseline } from "./model-kind.ts";

/** score(u, i) = support of i in `train` (users x items). */
export function popularity(train: SparseMatrix): ScoredContender {
  const support = itemSupport(train);
  const score = (users: Uint32Array) => {
    const scores = zeros(users.length, train.columns);
    for (let i = 0; i < users.length; i++) scores.values.set(support, i * train.columns);
    return scores;
  };
  return { name: "popularity", score, similar: { score } };
}

export const popularityKind: Baseline = {
  name: "popularity",
  words: "every user is shown what most users took",
  byDefault: true,
  knowsContent: false,
  fit: ({ train }) => popularity(train),
};
