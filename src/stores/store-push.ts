/**
 * A push: the lock, a version beside the current one in batches, the switch, and what is no longer needed removed. It goes on where an
 * earlier one of the same content stopped, and does nothing where the store has it already. With a threshold, the version takes over
 * what has hardly moved from the current one, inside the store.
 */
import { setTimeout as delay } from "node:timers/promises";
import { TailrecError } from "../errors.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { recordOf, type StoreContent } from "./store-content.ts";
import type { StoredItem, StoreLock, VectorStore, VersionRecord } from "./store-kind.ts";
import { changeOf } from "./version-change.ts";

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

export interface PushOptions {
  /** Send only items that are new, whose payload differs, or whose vector moved by more than this share of its length; all when absent. */
  readonly moved?: number;
}

/** STORE_ errors, with readers seeing the version that they saw before; INTERRUPTED likewise. */
export async function pushContent(
  store: VectorStore,
  content: StoreContent,
  { moved }: PushOptions = {},
  context: RunContext = {},
): Promise<PushResult> {
  const lock = await store.lock();
  try {
    const current = await store.current();
    if (current !== undefined && current.purpose !== content.purpose) throw otherPurpose(current);
    const whole = recordOf(content);
    const change =
      moved === undefined || current?.version === whole.version ? undefined : await changeOf(store, content, moved);
    const isSame = change !== undefined && change.sent.length === 0 && change.gone.length === 0;
    const record = isSame ? change.from : (change?.to ?? whole);
    if (current?.version === record.version) {
      await store.prune(record);
      return { record, sent: 0, wasThere: true };
    }
    const sent = await fill(store, lock, record, change?.sent ?? content.items, context);
    if (change !== undefined) await store.inheritance?.inherit(change.from, record, change.gone);
    await store.finish(record);
    await lock.renew();
    await store.switchTo(record);
    await store.prune(record);
    return { record, sent, wasThere: false };
  } finally {
    await lock.release().catch(() => undefined);
  }
}

function otherPurpose({ purpose }: VersionRecord): TailrecError {
  const held = purpose === "similar" ? "items like an item" : "items for a user";
  return new TailrecError("STORE_MISMATCH", `the collection holds ${held}, by another metric; name another collection`);
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
