/** Contenders that rank by vectors: recommended by inner product at a place of the tail dial, alike by cosine. */
import type { FittedContender, ServedVectors } from "../../baselines/model-kind.ts";
import { cosines, factorRanker, lateRanker, type Ranker } from "../../evaluation/ranking/scorer.ts";
import { normScales } from "../../hybrid/norms.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import type { Matrix } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";

/** `similar`: by which items are compared, the served vectors where there are no others. */
export function servedContender(
  name: string,
  served: ServedVectors,
  similar: Ranker = cosines(served.items),
): FittedContender {
  const { users, items, tail } = served;
  const recommended = factorRanker(users, items, defaultBackend(), normScales(items, tail));
  return { name, served, ...recommended, similar };
}

/** How alike items are by the cosine times the length of the other one: items x d. */
export function projections(vectors: Matrix): Ranker {
  return lateRanker(() => factorRanker(unitRows(vectors), vectors));
}
