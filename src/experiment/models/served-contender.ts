/** Contenders that rank by vectors: recommended by inner product at a place of the tail dial, alike by cosine. */
import type { FittedContender, ServedVectors } from "../../baselines/model-kind.ts";
import { factorRanker, type Ranker } from "../../evaluation/ranking/scorer.ts";
import { scaleNorms } from "../../hybrid/norms.ts";
import type { Matrix } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";

export function servedContender(name: string, served: ServedVectors): FittedContender {
  const recommended = factorRanker(served.users, scaleNorms(served.items, served.tail));
  return { name, served, ...recommended, similar: cosines(served.items) };
}

/** How alike items are by the cosine of their vectors: items x d. */
export function cosines(vectors: Matrix): Ranker {
  const directions = unitRows(vectors);
  return factorRanker(directions, directions);
}
