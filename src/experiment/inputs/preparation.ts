/** What every protocol and the final fit start from: the data read, and every text and picture encoded once. */
import { resolve } from "node:path";
import type { PipelineConfig } from "../../config.ts";
import { requireOutputFolder } from "../../data/files/atomic-write.ts";
import { ingest } from "../../data/ingest/ingest.ts";
import { encodeCatalog } from "../../features/encode-catalog.ts";
import { chooseBlocks } from "../../features/feature-options.ts";
import type { Prepared } from "../measurement/training-features.ts";
import type { PipelineContext } from "../pipeline-context.ts";
import type { Stages } from "../stages.ts";
import { requireInputFiles } from "./input-files.ts";
import { ingestMerged } from "./merged-pairs.ts";
import { gatherShards } from "./shards.ts";

/** Reads and encodes, or takes what parts have encoded, once it is known that the output can be written. */
export async function prepare(
  { data, features, execution, output }: Pick<PipelineConfig, "data" | "features" | "execution" | "output">,
  context: PipelineContext,
  stages: Stages,
): Promise<Prepared> {
  const { stageFolder } = context;
  await requireOutputFolder(resolve(output));
  const read = () =>
    stageFolder !== undefined && execution.engine === "spark"
      ? ingestMerged(data, { ...context, stageFolder })
      : ingest(data, context);
  const ingested = await stages.time("read", read);
  const encoded = await stages.time("encode", () =>
    stageFolder === undefined
      ? encodeCatalog(ingested.catalog, features, context)
      : gatherShards(ingested.catalog, { features, execution }, { ...context, stageFolder }),
  );
  requireInputFiles(chooseBlocks(features, context).chosen, ingested.catalog, encoded);
  return { ingested, encoded, blockKinds: context.blockKinds };
}
