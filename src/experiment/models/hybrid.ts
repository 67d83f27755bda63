/** The hybrid as the bundle serves it, and as a placebo: on features that belong to other items. */
import type { FittedContender } from "../../baselines/model-kind.ts";
import { type FeatureMatrix, takeItems } from "../../data/feature-matrix.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { createRandom } from "../../math/random.ts";
import type { Model } from "./model-data.ts";
import { projections, servedContender } from "./served-contender.ts";

export const hybrid: Model = {
  name: "hybrid",
  words: "what the bundle serves: behaviour and content in one vector",
  byDefault: true,
  knowsContent: true,
  usesSettings: true,
  fit: async (data) => contenderOf("hybrid", await data.hybrid()),
};

/** Whatever it gains from shuffled features is a leak. */
export const placebo: Model = {
  name: "placebo",
  words: "the hybrid on features shuffled among the items: it may know what behaviour knows, nothing more",
  knowsContent: true,
  usesSettings: true,
  fit: async (data) => {
    const shuffled = shuffleItems(await data.features(), data.seed);
    return contenderOf("placebo", await data.hybridOn(shuffled));
  },
};

/** At the stored default of the tail dial; items are compared by vectors of their own. */
function contenderOf(name: string, { userVectors, embeddings, similar, settings }: HybridModel): FittedContender {
  const served = { users: userVectors, items: embeddings.vectors, tail: settings.tail };
  return servedContender(name, served, similar && projections(similar.vectors));
}

function shuffleItems(features: FeatureMatrix, seed: number): FeatureMatrix {
  const order = Array.from({ length: features.values.rows }, (_, i) => i);
  createRandom(seed).shuffle(order);
  return takeItems(features, order);
}
