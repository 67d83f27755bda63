/**
 * Golden vectors: for a few items, features in and served vector out as an unseen item would get it. Whoever loads the bundle
 * elsewhere can show that the machine there computes the same.
 */
import { type FeatureMatrix, takeItems } from "../data/feature-matrix.ts";
import { matrixNamed, type Safetensors, tensorOf } from "../data/files/safetensors.ts";
import { embedNewItems, type NewItemModel } from "../hybrid/new-items.ts";
import { featureTensors, readFeatures } from "./bundle-tensors.ts";

const GOLDEN_ITEMS = 16;
const FILE = "golden.safetensors";

/** Up to 16 items, evenly spread over the catalog. */
export async function goldenTensors(model: NewItemModel, features: FeatureMatrix): Promise<Safetensors["tensors"]> {
  const count = Math.min(GOLDEN_ITEMS, features.values.rows);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * features.values.rows) / count));
  const chosen = takeItems(features, rows);
  const { vectors } = await embedNewItems(model, chosen);
  return { ...featureTensors(chosen, "features"), vectors: tensorOf(vectors) };
}

/** The largest absolute difference between the stored vectors and those computed here. */
export async function goldenError(
  file: Safetensors,
  model: NewItemModel,
  blocks: FeatureMatrix["blocks"],
): Promise<number> {
  const { vectors } = await embedNewItems(model, readFeatures(file, FILE, blocks, "features"));
  return matrixNamed(file, "vectors", FILE).values.reduce(
    (worst, value, p) => Math.max(worst, Math.abs(value - vectors.values[p])),
    0,
  );
}
