/** The embedding cache as its owner sees it: whose vectors it holds, which encoders the pipelines still use, what pruning saves. */
import { loadPipeline } from "../../config.ts";
import { type InspectedStore, inspectCache } from "../../encoders/cache/cache-inspection.ts";
import { planPruning, pruneCache, type StorePlan } from "../../encoders/cache/cache-pruning.ts";
import { cacheAddress } from "../../encoders/cache/embedding-cache.ts";
import { recordSize } from "../../encoders/cache/vector-record.ts";
import { loadManifestFor } from "../../encoders/models/manifest.ts";
import { chosenBlocks } from "../../features/feature-options.ts";
import { namedEncoders } from "../../features/named-encoders.ts";
import type { RunContext } from "../../run-context.ts";
import type { Check } from "./checks.ts";

export interface StoreStatistics {
  readonly encoder: string;
  readonly task: string;
  readonly dimension: number;
  /** Digest of the encoder's weights and preparation. */
  readonly digest: string;
  readonly vectors: number;
  readonly bytes: number;
  /** Bytes that hold no vector which a run would find: damaged, unfinished or doubled records. */
  readonly wasted: number;
  /** Seconds since 1970; null when there is no vector. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

export function statisticsOf({ description, records, bytes }: InspectedStore): StoreStatistics {
  const { encoder = "unknown", task = "unknown", dimension = 0, digest = "" } = description ?? {};
  const vectors = new Set(records.map(({ key }) => key)).size;
  const used = records.length === 0 ? 0 : vectors * recordSize(dimension);
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { written } of records) {
    oldest = Math.min(oldest, written);
    newest = Math.max(newest, written);
  }
  const times = vectors === 0 ? { oldest: null, newest: null } : { oldest, newest };
  return { encoder, task, dimension, digest, vectors, bytes, wasted: bytes - used, ...times };
}

/** Damaged records fail; what a killed run left unfinished is said, and is no fault. */
export function checkStore({ address, description, path, records, damaged, unfinished }: InspectedStore): Check {
  const name = description?.encoder ?? address.slice(0, 12);
  if (description === undefined) {
    const detail = `${path}: the file that says whose vectors these are is missing or damaged; tailrec cache prune removes the store`;
    return { name, state: "failed", detail, code: "UNREADABLE_INPUT" };
  }
  if (damaged.length > 0) {
    const bytes = damaged.reduce((sum, { length }) => sum + length, 0);
    const detail = `${path}: ${bytes} damaged bytes in ${damaged.length} places, first at byte ${damaged[0].position}; their items will be encoded again, tailrec cache prune removes them`;
    return { name, state: "failed", detail, code: "UNREADABLE_INPUT" };
  }
  const rest = unfinished.length === 0 ? "" : `, ${unfinished.length} unfinished writes skipped`;
  return { name, state: "passed", detail: `${records.length} records, checksums right${rest}` };
}

/** The stores of the encoders that pipeline files name, and what else the cache keeps of their inputs. Errors: those of `loadPipeline` and `loadManifestFor`. */
async function addressesOf(pipelines: readonly string[]): Promise<ReadonlySet<string>> {
  const addresses = new Set<string>();
  for (const path of pipelines) {
    const { config, folder } = await loadPipeline(path);
    const chosen = chosenBlocks(config.features);
    for (const { kind } of chosen) for (const store of kind.files?.stores ?? []) addresses.add(store);
    for (const { task, encoder } of namedEncoders(chosen)) {
      addresses.add(cacheAddress((await loadManifestFor(task, encoder, folder)).manifest));
    }
  }
  return addresses;
}

export interface PrunedStore {
  readonly encoder: string;
  readonly vectors: number;
  readonly removed: number;
  readonly bytes: number;
  readonly freed: number;
}

/** What a plan leaves of a store, and takes from it. */
function describePlan({ store, kept, bytesAfter }: StorePlan): PrunedStore {
  const { encoder, vectors, bytes } = statisticsOf(store);
  return {
    encoder,
    vectors: kept.length,
    removed: vectors - kept.length,
    bytes: bytesAfter,
    freed: bytes - bytesAfter,
  };
}

export interface PruneRequest {
  /** Pipeline files whose encoders' vectors stay; those of all encoders when absent. */
  readonly usedBy?: readonly string[];
  /** Vectors that were computed more days ago go. */
  readonly olderThanDays?: number;
  /** The oldest vectors go until the rest has so many bytes. */
  readonly maximumBytes?: number;
  /** Only says what would go. */
  readonly dryRun?: boolean;
}

const SECONDS_PER_DAY = 86_400;

/** Drops damaged and doubled vectors of a cache, and those that the request names. FILE_NOT_FOUND, OUTPUT_FAILED. */
export async function pruneCacheFolder(
  folder: string,
  { usedBy, olderThanDays, maximumBytes, dryRun = false }: PruneRequest,
  context: RunContext = {},
): Promise<PrunedStore[]> {
  const writtenSince = olderThanDays && Date.now() / 1000 - olderThanDays * SECONDS_PER_DAY;
  const addresses = usedBy && (await addressesOf(usedBy));
  const plans = planPruning(await inspectCache(folder, context), { addresses, writtenSince, maximumBytes });
  if (!dryRun) await pruneCache(folder, plans, context);
  return plans.map(describePlan);
}
