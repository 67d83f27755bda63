/**
 * The regressor of a bundle as a layers model of TensorFlow.js: `model.json`, with the weights in a file beside it. Its inputs are the
 * raw features of the bundle's blocks, side by side, and the presence of each block; its output is the prior.
 */
import { join } from "node:path";
import { loadBundle } from "../../bundle/bundle.ts";
import { writeTogether } from "../../data/files/atomic-write.ts";
import { requireOutsideInputs } from "../../data/files/output-paths.ts";
import { LAYERS_WEIGHTS, regressorToLayers } from "../../regressor/layers-export.ts";
import type { RegressorName } from "../../regressor/regressor-kinds.ts";

export interface LayersAnswer {
  readonly regressor: RegressorName;
  /** Numbers of the input `features`. */
  readonly features: number;
  /** The blocks in the order of the input `presence`. */
  readonly blocks: readonly string[];
  /** Numbers of the output. */
  readonly dimensions: number;
}

/** Writes both files into the folder `out`. INVALID_ARGUMENT for a regressor that is no chain of layers or for a folder inside the bundle, OUTPUT_FAILED. */
export async function exportLayers(folder: string, out: string): Promise<LayersAnswer> {
  const [modelPath, weightsPath] = [join(out, "model.json"), join(out, LAYERS_WEIGHTS)];
  await requireOutsideInputs([modelPath, weightsPath], [folder]);
  const { regressor, prior } = (await loadBundle(folder)).model;
  const { model, weights } = regressorToLayers(regressor);
  await writeTogether([
    [modelPath, model],
    [weightsPath, weights],
  ]);
  const { mean, blocks } = regressor.standardisation;
  return {
    regressor: regressor.kind,
    features: mean.length,
    blocks: blocks.map(({ name }) => name),
    dimensions: prior.columns,
  };
}
