/**
 * Features of a bundle that stay on the disk: single rows are read where they are asked for, and all of them where somebody wants the
 * matrix. A service explains pairs and does no more with them, and they would be a third of what it holds (decision 166).
 */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { Safetensors } from "../data/files/safetensors.ts";
import type { StoredFile } from "../data/files/stored-file.ts";
import { openTensors } from "../data/files/stored-tensors.ts";

export interface FeatureReading {
  /** Whether features are left on the disk, from where rows are read: for those who want few of them. */
  readonly featuresStay?: boolean;
}

interface Completion {
  readonly blocks: FeatureMatrix["blocks"];
  /** Makes the features of the tensors. */
  readonly complete: (tensors: Safetensors) => FeatureMatrix;
}

/** The whole matrix is held as long as somebody holds it. `name` names the file in messages. Errors: those of `openTensors`. */
export function storedFeatures(file: StoredFile, name: string, { blocks, complete }: Completion): FeatureMatrix {
  const tensors = openTensors(file, name);
  let known: WeakRef<FeatureMatrix> | undefined;
  const whole = (): FeatureMatrix => {
    const held = known?.deref() ?? complete(tensors.all());
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
