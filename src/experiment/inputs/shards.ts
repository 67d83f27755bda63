/**
 * A pipeline in parts that know nothing of each other. Every job encodes its shard of the items and leaves it where the stages meet.
 * The rest of the run goes on when all are there. Done work is never done again, so a job may be started any number of times.
 */
import { resolve } from "node:path";
import type { PipelineConfig } from "../../config.ts";
import { type Catalog, takeCatalogRows } from "../../data/catalog.ts";
import { ingestItems } from "../../data/ingest/ingest.ts";
import { encoderDigest, loadManifestFor } from "../../encoders/models/manifest.ts";
import { type ErrorCode, TailrecError } from "../../errors.ts";
import {
  type EncodedPartBlock,
  encodedFolder,
  partPath,
  readEncodedParts,
  writeEncodedPart,
} from "../../execution/encoded-parts.ts";
import { encodedRows, inputDigests } from "../../execution/encoded-rows.ts";
import { gatherCatalog } from "../../execution/gathered-catalog.ts";
import { type Shard, shardOf } from "../../execution/shard.ts";
import { type EncodedCatalog, encodeCatalog } from "../../features/encode-catalog.ts";
import { chooseBlocks } from "../../features/feature-options.ts";
import { namedEncoders } from "../../features/named-encoders.ts";
import { throwIfInterrupted } from "../../run-context.ts";
import type { PipelineContext } from "../pipeline-context.ts";

export interface EncodedShard {
  readonly shard: Shard;
  /** Items of the shard. */
  readonly items: number;
  /** Whether the part was there already, for these items as they are. */
  readonly wasThere: boolean;
  readonly file: string;
}

/** Items encoded between two writes: what a shard holds in memory. */
const TOGETHER = 16_384;

/** Encodes the items of one shard. INVALID_ARGUMENT for a shard of another number of parts than the pipeline has. */
export async function encodeShard(
  config: Pick<PipelineConfig, "data" | "features" | "execution">,
  shard: Shard,
  context: PipelineContext & { readonly stageFolder: string },
): Promise<EncodedShard> {
  requireSameParts(shard, config.execution.shards);
  const blocks = await encodedBlocks(config, context);
  const { catalog } = await ingestItems(config.data.items, { ...context, log: config.data.log });
  const rows = [...catalog.ids.keys()].filter((row) => shardOf(catalog.ids[row], shard.of) === shard.number);
  const own = takeCatalogRows(catalog, rows);
  const file = partPath(encodedFolder(context.stageFolder, blocks), shard);
  const done = { shard, items: rows.length, file };
  if (await isEncoded(file, blocks, own)) return { ...done, wasThere: true };
  await writeEncodedPart(file, blocks, encodeInTurns(own, blocks, config, context));
  return { ...done, wasThere: false };
}

async function* encodeInTurns(
  catalog: Catalog,
  blocks: readonly EncodedPartBlock[],
  { features }: Pick<PipelineConfig, "features">,
  context: PipelineContext,
) {
  const names = blocks.map(({ name }) => name);
  for (let begin = 0; begin < catalog.ids.length; begin += TOGETHER) {
    throwIfInterrupted(context);
    const end = Math.min(begin + TOGETHER, catalog.ids.length);
    const some = takeCatalogRows(
      catalog,
      Array.from({ length: end - begin }, (_, i) => begin + i),
    );
    yield encodedRows(some, await encodeCatalog(some, features, context), names);
  }
}

/** Whether the part holds these very items, each whole. A part that cannot be read is written anew. */
async function isEncoded(file: string, blocks: readonly EncodedPartBlock[], catalog: Catalog): Promise<boolean> {
  const there = await inputsInPart(file, blocks).catch((error: unknown) => {
    if (error instanceof TailrecError && DAMAGED.includes(error.code)) return new Map<string, string>();
    throw error;
  });
  if (there.size !== catalog.ids.length || there.size === 0) return false;
  const inputs = inputDigests(catalog);
  return catalog.ids.every((id, row) => there.get(id) === inputs[row]);
}

const DAMAGED: readonly ErrorCode[] = ["UNREADABLE_INPUT", "UNKNOWN_COLUMN"];

/** The digest of what was read of every item in the part, by id; empty where there is no part. */
async function inputsInPart(file: string, blocks: readonly EncodedPartBlock[]): Promise<ReadonlyMap<string, string>> {
  const inputs = new Map<string, string>();
  for await (const rows of readEncodedParts(file, blocks)) for (const { id, input } of rows) inputs.set(id, input);
  return inputs;
}

/** Where an engine leaves encoded items: the folder of today's encoders in a stage folder. MODEL_MISSING and MODEL_INVALID without them. */
export async function encodedStage(
  config: Pick<PipelineConfig, "features">,
  stageFolder: string,
  context: PipelineContext,
): Promise<{ readonly folder: string; readonly blocks: readonly EncodedPartBlock[] }> {
  const blocks = await encodedBlocks(config, context);
  return { folder: encodedFolder(stageFolder, blocks), blocks };
}

/** What all shards have encoded of the catalog. SHARDS_MISSING with the numbers of those that have items to do. */
export async function gatherShards(
  catalog: Catalog,
  config: Pick<PipelineConfig, "features" | "execution">,
  context: PipelineContext & { readonly stageFolder: string },
): Promise<EncodedCatalog> {
  const blocks = await encodedBlocks(config, context);
  const { kinds } = chooseBlocks(config.features, context);
  const encodes = kinds.filter(({ encode }) => encode !== undefined).map(({ name }) => name);
  const absent = encodes.filter((name) => !blocks.some((block) => block.name === name));
  const folder = encodedFolder(context.stageFolder, blocks);
  const { encoded, missing } = await gatherCatalog(catalog, blocks, absent, readEncodedParts(folder, blocks));
  if (missing.length > 0 && blocks.length > 0) throw shardsMissing(catalog, missing, config.execution.shards, folder);
  return encoded;
}

/** Numbers that a message shows. */
const SHOWN = 20;

function shardsMissing(catalog: Catalog, missing: readonly number[], of: number, folder: string): TailrecError {
  const numbers = [...new Set(missing.map((row) => shardOf(catalog.ids[row], of)))].sort((a, b) => a - b);
  const shown = numbers.slice(0, SHOWN).map((number) => `${number}/${of}`);
  const more = numbers.length > SHOWN ? ` and ${numbers.length - SHOWN} more` : "";
  const message = `${missing.length} of ${catalog.ids.length} items are not encoded in ${resolve(folder)}; run --stage encode with --shard ${shown.join(", ")}${more}`;
  return new TailrecError("SHARDS_MISSING", message);
}

function requireSameParts(shard: Shard, parts: number): void {
  if (shard.of === parts) return;
  const message = `--shard ${shard.number}/${shard.of}: the pipeline has execution.shards ${parts}; use one number of parts in both`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

/** MODEL_MISSING and MODEL_INVALID as loading a manifest throws. */
async function encodedBlocks(
  { features }: Pick<PipelineConfig, "features">,
  { folder, ...context }: PipelineContext,
): Promise<EncodedPartBlock[]> {
  const { chosen } = chooseBlocks(features, context);
  const blocks = chosen.map(async (block) => {
    const [named] = namedEncoders([block]);
    if (named === undefined) return [];
    const { manifest } = await loadManifestFor(named.task, named.encoder, folder);
    const { name: encoder, dimension } = manifest;
    return [{ name: block.kind.name, encoder, digest: encoderDigest(manifest), dimension }];
  });
  return (await Promise.all(blocks)).flat();
}
