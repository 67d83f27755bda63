/**
 * Features of a bundle that stay on the disk: single rows are read where they are asked for, and all of them where somebody wants the
 * matrix. A service explains pairs and does no more with them, and they would be a third of what it holds (decision 166).
 */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { StoredFile } from "../data/files/stored-file.ts";
import { openTensors } from "../data/files/stored-tensors.ts";
import { type FeatureSpace, withReduction } from "../features/feature-space.ts";
import type { BundleFiles } from "./bundle-store.ts";
import { readFeatures } from "./bundle-tensors.ts";

interface StoredShape {
  readonly blocks: FeatureMatrix["blocks"];
  readonly space: FeatureSpace;
}

/** The features in a file of the bundle, which may have been left on the disk. */
export function featuresOf(files: BundleFiles, name: string, { space, blocks }: StoredShape): FeatureMatrix {
  const stored = files.stored(name);
  if (stored !== undefined) return storedFeatures(stored, name, { space, blocks });
  return withReduction(space, readFeatures(files.tensors(name), name, blocks));
}

/** The whole matrix is held as long as somebody holds it. `name` names the file in messages. Errors: those of `openTensors`. */
function storedFeatures(file: StoredFile, name: string, { space, blocks }: StoredShape): FeatureMatrix {
  const tensors = openTensors(file, name);
  let known: WeakRef<FeatureMatrix> | undefined;
  const whole = (): FeatureMatrix => {
    const held = known?.deref() ?? withReduction(space, readFeatures(tensors.all(), name, blocks));
    known = new WeakRef(held);
    return held;
  };
  return {
    blocks,
    presence: tensors.matrix("presence"),
    row: tensors.rowsOf("values"),
    get values() {
      return whole().values;
    },
    get sparse() {
      return whole().sparse;
    },
    get reduction() {
      return whole().reduction;
    },
  };
}
