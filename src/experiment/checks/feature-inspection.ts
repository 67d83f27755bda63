/** What the feature stage of a pipeline carries, before anything is fitted to behaviour: `tailrec features inspect`. */
import type { PipelineConfig } from "../../config.ts";
import { ingest } from "../../data/ingest/ingest.ts";
import { TailrecError } from "../../errors.ts";
import { type BlockInspection, inspectBlocks } from "../../features/block-inspection.ts";
import { encodeCatalog } from "../../features/encode-catalog.ts";
import { type UnusableInput, unusableInputs } from "../../features/unusable-inputs.ts";
import { nearestName } from "../../options.ts";
import { featuresFor } from "../measurement/training-features.ts";
import type { PipelineContext } from "../pipeline-context.ts";

export interface InspectedItem {
  readonly id: string;
  readonly title: string;
}

export interface InspectedBlock extends Omit<BlockInspection, "neighbours"> {
  readonly neighbours: readonly (InspectedItem & { readonly score: number })[];
}

export interface FeatureInspection {
  readonly items: number;
  /** Items with interactions, on which vocabularies, levels and projections are fitted. */
  readonly trainingItems: number;
  /** Whose neighbours are listed. */
  readonly sample: InspectedItem;
  readonly blocks: readonly InspectedBlock[];
  readonly unusable: readonly UnusableInput[];
}

export interface InspectionOptions {
  /** Id of the item whose neighbours are listed; the first that has the most blocks when absent. */
  readonly item?: string;
  /** Neighbours listed a block. */
  readonly neighbours: number;
}

/** Reads and encodes as a run does. Errors: those of `ingest` and `encodeCatalog`, and UNKNOWN_ITEM. */
export async function inspectFeatures(
  config: Pick<PipelineConfig, "data" | "features">,
  { item, neighbours }: InspectionOptions,
  context: PipelineContext,
): Promise<FeatureInspection> {
  const ingested = await ingest(config.data, context);
  const { catalog, interactions } = ingested;
  const named = item === undefined ? undefined : rowNamed(catalog.ids, item);
  const encoded = await encodeCatalog(catalog, config.features, context);
  const { space, features, fittedOn } = await featuresFor(
    { ingested, encoded, blockKinds: context.blockKinds },
    interactions,
    config.features,
  );
  const sample = named ?? fullestRow(features.presence.values, features.blocks.length);
  const inspected = await inspectBlocks({ catalog, encoded, space, features, fittedOn, sample, neighbours });
  const itemAt = (row: number): InspectedItem => ({ id: catalog.ids[row], title: catalog.titles[row] });
  return {
    items: catalog.ids.length,
    trainingItems: fittedOn.length,
    sample: itemAt(sample),
    blocks: inspected.map((block) => ({
      ...block,
      neighbours: block.neighbours.map(({ row, score }) => ({ ...itemAt(row), score })),
    })),
    unusable: unusableInputs(catalog, encoded.quarantine),
  };
}

function rowNamed(ids: readonly string[], id: string): number {
  const row = ids.indexOf(id);
  if (row >= 0) return row;
  const near = nearestName(id, ids);
  const remedy = near === undefined ? `ids look like "${ids[0]}"` : `did you mean "${near}"?`;
  throw new TailrecError("UNKNOWN_ITEM", `the catalog has no item "${id}"; ${remedy}`);
}

function fullestRow(presence: Float32Array, blocks: number): number {
  let best = 0;
  let most = -1;
  for (let row = 0; row * blocks < presence.length; row++) {
    const count = presence.subarray(row * blocks, (row + 1) * blocks).reduce((sum, bit) => sum + bit, 0);
    if (count > most) [best, most] = [row, count];
  }
  return best;
}
