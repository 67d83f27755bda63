/** The axes along which a run gives its vectors away: its own score axes, turned to an earlier bundle's where one is named. */
import { resolve } from "node:path";
import { type BundleKinds, loadBundle } from "../bundle/bundle.ts";
import { type AxedVectors, alignedAxes } from "../hybrid/alignment.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import { fitScoreAxes } from "../hybrid/score-axes.ts";
import type { Matrix } from "../math/matrix.ts";

/** The vectors of the bundle in `folder`, which may be the one that is to be replaced. Errors: those of `loadBundle`. */
export async function earlierVectors(folder: string | null, kinds: BundleKinds): Promise<AxedVectors | undefined> {
  if (folder === null) return undefined;
  const { catalog, model, axes } = await loadBundle(resolve(folder), kinds);
  return { ids: catalog.ids, vectors: model.embeddings.vectors, axes };
}

/** d x d, or d x the earlier length where that is larger. */
export async function axesOf(
  { userVectors, embeddings: { vectors } }: HybridModel,
  ids: readonly string[],
  earlier: AxedVectors | undefined,
): Promise<Matrix> {
  const axes = await fitScoreAxes(userVectors, vectors);
  return earlier === undefined ? axes : alignedAxes({ ids, vectors, axes }, earlier);
}
