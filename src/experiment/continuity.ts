/**
 * The axes along which a run gives its vectors away: its own score axes, turned to an earlier bundle's where one is named. Vectors by
 * which items are compared have no axes of their own, and are turned likewise.
 */
import { resolve } from "node:path";
import { type Bundle, type BundleKinds, loadBundle } from "../bundle/bundle.ts";
import { type AxedVectors, alignedAxes } from "../hybrid/alignment.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import { fitScoreAxes } from "../hybrid/score-axes.ts";

/** What an earlier bundle gave away. */
export interface EarlierVectors {
  readonly served: AxedVectors;
  /** Absent where items were compared by the served vectors. */
  readonly similar?: AxedVectors;
}

/** The vectors of the bundle in `folder`, which may be the one that is to be replaced. Errors: those of `loadBundle`. */
export async function earlierVectors(folder: string | null, kinds: BundleKinds): Promise<EarlierVectors | undefined> {
  if (folder === null) return undefined;
  const { catalog, model, axes, similarAxes } = await loadBundle(resolve(folder), kinds);
  const { ids } = catalog;
  const similar = model.similar && { ids, vectors: model.similar.vectors, axes: similarAxes };
  return { served: { ids, vectors: model.embeddings.vectors, axes }, ...(similar && { similar }) };
}

/** d x d, or d x the earlier length where that is larger; `similarAxes` only where both bundles compare by vectors of their own. */
export async function axesOf(
  { userVectors, embeddings: { vectors }, similar }: HybridModel,
  ids: readonly string[],
  earlier: EarlierVectors | undefined,
): Promise<Pick<Bundle, "axes" | "similarAxes">> {
  const axes = await fitScoreAxes(userVectors, vectors);
  if (earlier === undefined) return { axes };
  const turned = await alignedAxes({ ids, vectors, axes }, earlier.served);
  if (similar === undefined || earlier.similar === undefined) return { axes: turned };
  return { axes: turned, similarAxes: await alignedAxes({ ids, vectors: similar.vectors }, earlier.similar) };
}
