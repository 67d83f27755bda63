/** The hybrid as the bundle serves it, and as a placebo: on features that belong to other items. */
import type { ServedVectors } from "../../baselines/model-kind.ts";
import { type FeatureMatrix, takeItems } from "../../data/feature-matrix.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { createRandom } from "../../math/random.ts";
import type { Model } from "./model-data.ts";
import { servedContender } from "./served-contender.ts";

export const hybrid: Model = {
  name: "hybrid",
  words: "what the bundle serves: behaviour and content in one vector",
  byDefault: true,
  knowsContent: true,
  fit: async (data) => servedContender("hybrid", servedBy(await data.hybrid())),
};

/** Whatever it gains from shuffled features is a leak. */
export const placebo: Model = {
  name: "placebo",
  words: "the hybrid on features shuffled among the items: it may know what behaviour knows, nothing more",
  knowsContent: true,
  fit: async (data) => {
    const shuffled = shuffleItems(await data.features(), data.seed);
    return servedContender("placebo", servedBy(await data.hybridOn(shuffled)));
  },
};

/** At the stored default of the tail dial. */
function servedBy({ userVectors, embeddings, settings }: HybridModel): ServedVectors {
  return { users: userVectors, items: embeddings.vectors, tail: settings.tail };
}

function shuffleItems(features: FeatureMatrix, seed: number): FeatureMatrix {
  const order = Array.from({ length: features.values.rows }, (_, i) => i);
  createRandom(seed).shuffle(order);
  return takeItems(features, order);
}
