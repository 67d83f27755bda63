/**
 * Making an embedding cache smaller. Each store is written anew beside itself without what is dropped, then renamed over: a
 * crash leaves the old or the new one, never half. Runs may go on writing meanwhile: what they append before the rename is
 * carried over, what they append after it they find gone and write again (see vector-store.ts).
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { fillFileAtomic } from "../../data/files/atomic-write.ts";
import { writing } from "../../data/files/output-failure.ts";
import { removeOldTemporaries } from "../../data/files/temporary-folder.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { InspectedStore } from "./cache-inspection.ts";
import { descriptionPath } from "./embedding-cache.ts";
import { type RecordPlace, recordSize, scanFile } from "./vector-record.ts";
import { appendWhole } from "./vector-store.ts";

/** What may stay; damaged, unfinished and doubled records never do. */
export interface PruneRules {
  /** Stores that may stay; any when absent. */
  readonly addresses?: ReadonlySet<string>;
  /** Seconds since 1970: older records go. */
  readonly writtenSince?: number;
  /** Size of all stores together: the oldest records go until the rest fits. */
  readonly maximumBytes?: number;
}

export interface StorePlan {
  readonly store: InspectedStore;
  /** Records in file order. */
  readonly kept: readonly RecordPlace[];
  readonly bytesAfter: number;
}

/** What pruning by these rules would leave of each store. */
export function planPruning(stores: readonly InspectedStore[], rules: PruneRules): StorePlan[] {
  const { addresses, writtenSince = 0, maximumBytes } = rules;
  const allowed = stores.map((store) => {
    if (store.description === undefined || addresses?.has(store.address) === false) return [];
    return latestOfEachKey(store.records).filter(({ written }) => written >= writtenSince);
  });
  const kept = maximumBytes === undefined ? allowed : youngestWithin(stores, allowed, maximumBytes);
  return stores.map((store, s) => ({ store, kept: kept[s], bytesAfter: kept[s].length * sizeIn(store) }));
}

/** Carries a plan out, store by store. OUTPUT_FAILED when a store cannot be written; it then is as it was. */
export async function pruneCache(folder: string, plans: readonly StorePlan[], context: RunContext = {}): Promise<void> {
  for (const [done, plan] of plans.entries()) {
    throwIfInterrupted(context);
    context.onProgress?.({ stage: "prune", done, total: plans.length });
    if (plan.bytesAfter === plan.store.bytes) continue;
    await writing(plan.store.path, () =>
      plan.kept.length === 0 ? removeStore(folder, plan.store) : rewriteStore(plan),
    );
  }
  await removeOldTemporaries(folder);
  context.onProgress?.({ stage: "prune", done: plans.length, total: plans.length });
}

function sizeIn({ description }: InspectedStore): number {
  return description === undefined ? 0 : recordSize(description.dimension);
}

/** The last record of a key is the one that readers find. */
function latestOfEachKey(records: readonly RecordPlace[]): RecordPlace[] {
  const latest = new Map(records.map((record) => [record.key, record]));
  return records.filter((record) => latest.get(record.key) === record);
}

function youngestWithin(
  stores: readonly InspectedStore[],
  allowed: readonly (readonly RecordPlace[])[],
  maximumBytes: number,
): RecordPlace[][] {
  const all = allowed.flatMap((records, s) => records.map((record) => ({ record, s })));
  all.sort((a, b) => b.record.written - a.record.written || b.record.position - a.record.position);
  const kept = stores.map((): RecordPlace[] => []);
  let bytes = 0;
  for (const { record, s } of all) {
    bytes += sizeIn(stores[s]);
    if (bytes > maximumBytes) break;
    kept[s].push(record);
  }
  return kept.map((records) => records.sort((a, b) => a.position - b.position));
}

async function removeStore(folder: string, { path, address }: InspectedStore): Promise<void> {
  await rm(path, { force: true });
  await rm(descriptionPath(folder, address), { force: true });
}

async function rewriteStore({ store, kept }: StorePlan): Promise<void> {
  const { path, description, records, inode } = store;
  if (description === undefined) return;
  const size = recordSize(description.dimension);
  const old = await open(path, "r");
  try {
    // Somebody else has pruned it since it was inspected; its places are others now.
    if ((await old.stat()).ino !== inode) return;
    await fillFileAtomic(path, (temporary) => copyRecords(old, kept, size, temporary, "wx"));
    // What was appended since the store was inspected.
    const seen = records.length === 0 ? 0 : records[records.length - 1].position + size;
    for await (const late of scanFile(old, description.dimension, seen)) {
      await copyRecords(old, late.records, size, path, "a");
    }
  } finally {
    await old.close();
  }
}

/** Records that stand side by side are copied together, up to a mebibyte. */
async function copyRecords(
  from: FileHandle,
  records: readonly RecordPlace[],
  size: number,
  path: string,
  flags: "wx" | "a",
): Promise<void> {
  const to = await open(path, flags);
  try {
    const atOnce = Math.max(1, Math.floor((1 << 20) / size));
    for (let begin = 0, end = 0; begin < records.length; begin = end) {
      for (end = begin + 1; end < records.length && end - begin < atOnce; end++) {
        if (records[end].position !== records[end - 1].position + size) break;
      }
      const bytes = Buffer.alloc((end - begin) * size);
      await from.read(bytes, 0, bytes.length, records[begin].position);
      await appendWhole(to, bytes);
    }
  } finally {
    await to.close();
  }
}
