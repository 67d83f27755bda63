/**
 * A push: the lock, a version beside the current one in batches, the switch, and what is no longer needed removed. It goes on where an
 * earlier one of the same content stopped, and does nothing where the store has it already.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { TailrecError } from "../errors.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type {
  Metric,
  Purpose,
  StoredAttribute,
  StoredItem,
  StoreLock,
  VectorStore,
  VersionRecord,
} from "./store-kind.ts";

export interface StoreContent {
  readonly purpose: Purpose;
  readonly metric: Metric;
  readonly dimension: number;
  readonly attributes: readonly StoredAttribute[];
  readonly items: readonly StoredItem[];
}

export interface PushResult {
  readonly record: VersionRecord;
  /** Items that were sent; the others were there already. */
  readonly sent: number;
  /** Whether the store had this content already. */
  readonly wasThere: boolean;
}

const BATCH = 500;
const RETRIES = 4;
const FIRST_PAUSE_MS = 200;

/** STORE_ errors, with readers seeing the version that they saw before; INTERRUPTED likewise. */
export async function pushContent(
  store: VectorStore,
  content: StoreContent,
  context: RunContext = {},
): Promise<PushResult> {
  const record = recordOf(content);
  const lock = await store.lock();
  try {
    if ((await store.current())?.version === record.version) {
      await store.prune(record);
      return { record, sent: 0, wasThere: true };
    }
    const sent = await fill(store, lock, record, content.items, context);
    await store.finish(record);
    await lock.renew();
    await store.switchTo(record);
    await store.prune(record);
    return { record, sent, wasThere: false };
  } finally {
    await lock.release().catch(() => undefined);
  }
}

/** Sends what an unfinished version lacks: how many items. */
async function fill(
  store: VectorStore,
  lock: StoreLock,
  record: VersionRecord,
  items: readonly StoredItem[],
  context: RunContext,
): Promise<number> {
  // A batch that was cut off may be there in part: it is sent again.
  const known = Math.floor((await store.written(record.version)) / BATCH) * BATCH;
  const first = known <= items.length ? known : 0;
  if (first === 0) await store.create(record);
  for (let begin = first; begin < items.length; begin += BATCH) {
    throwIfInterrupted(context);
    const batch = items.slice(begin, begin + BATCH);
    await lock.renew();
    await withRetries(() => store.append(record, begin, batch));
    context.onProgress?.({ stage: "push", done: begin + batch.length, total: items.length });
  }
  return items.length - first;
}

/** Again after a pause that doubles, where the store did not answer: adding a batch twice is adding it once. */
async function withRetries(work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isPassing = error instanceof TailrecError && error.code === "STORE_UNREACHABLE";
      if (!isPassing || attempt === RETRIES) throw error;
      await delay(FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

/** The record with its name: a digest of everything that the store will hold. */
export function recordOf({ purpose, metric, dimension, attributes, items }: StoreContent): VersionRecord {
  const hash = createHash("sha256").update(JSON.stringify([1, purpose, metric, dimension, attributes]));
  let longest = 0;
  for (const { vector, ...payload } of items) {
    hash.update(JSON.stringify(payload)).update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    longest = Math.max(
      longest,
      vector.reduce((sum, value) => sum + value * value, 0),
    );
  }
  const version = hash.digest("hex").slice(0, 12);
  return { version, purpose, metric, dimension, longest: Math.sqrt(longest), rows: items.length, attributes };
}
