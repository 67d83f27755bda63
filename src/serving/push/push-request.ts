/** A bundle's items into a vector store, and what the store answers held against the exact lists. */
import { z } from "zod";
import { type Bundle, loadBundle } from "../../bundle/bundle.ts";
import { TailrecError } from "../../errors.ts";
import { parseOptions } from "../../options.ts";
import { filterSchema } from "../../rules/kinds/filter.ts";
import type { RunContext } from "../../run-context.ts";
import { recordOf, type StoreContent } from "../../stores/store-content.ts";
import { type Metric, purposes, type VectorStore } from "../../stores/store-kind.ts";
import { storeKindOf } from "../../stores/store-kinds.ts";
import { pushContent } from "../../stores/store-push.ts";
import { storeTarget } from "../../stores/store-target.ts";
import { changeOf } from "../../stores/version-change.ts";
import { pushedContent } from "./pushed-content.ts";
import { type StoreRecall, verifyStore } from "./store-recall.ts";

/** Where a store is and how long it may take. */
export const storeOptions = {
  collection: z
    .string()
    .optional()
    .describe("name of the collection; tailrec_items, or tailrec_for_users, when absent"),
  secretFile: z.string().optional().describe("file with the password or key on its first line"),
  timeoutSeconds: z.number().positive().default(30).describe("a call that takes longer has failed"),
};

export const pushRequestSchema = z.strictObject({
  to: z.string().describe("address of the store"),
  purpose: z.enum(purposes).default("similar").describe("items like an item (similar), or for a user (recommend)"),
  attributes: z.array(z.string()).readonly().optional().describe("attributes to store; all when absent"),
  dimensions: z.int().positive().optional().describe("the first so many numbers of each vector; all when absent"),
  moved: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe(
      "send only items whose payload differs or whose vector moved by more than this share of its length; all when absent",
    ),
  verify: z.boolean().default(false).describe("hold what the store answers against the exact lists"),
  only: z.enum(["verify"]).optional().describe("verify: hold the store against the bundle without sending anything"),
  filter: filterSchema.optional().describe("filter to verify with; one of the bundle's own when absent"),
  ...storeOptions,
});

export type PushRequest = z.input<typeof pushRequestSchema>;

export interface PushAnswer {
  readonly store: string;
  readonly collection: string;
  readonly metric: Metric;
  readonly dimension: number;
  readonly items: number;
  /** Items that were sent; the others were there already. */
  readonly sent: number;
  readonly version: string;
  /** What is worth knowing: a store to which every item was sent, though less was asked for. */
  readonly notes: readonly string[];
  /** Absent where it was not asked for. */
  readonly recall?: StoreRecall;
}

/** The collection of a purpose where none is named. */
export const COLLECTIONS = { similar: "tailrec_items", recommend: "tailrec_for_users" } as const;

/** Loads the bundle and pushes. Errors: those of `loadBundle`, INVALID_ARGUMENT, INVALID_OPTIONS and the STORE_ codes. */
export async function pushBundle(folder: string, request: PushRequest, context: RunContext = {}): Promise<PushAnswer> {
  const parsed = parseOptions(pushRequestSchema, request, "push");
  const { to, purpose, attributes, dimensions, collection = COLLECTIONS[purpose], secretFile, timeoutSeconds } = parsed;
  const kind = storeKindOf(to);
  const target = await storeTarget(to, { collection, secretFile, timeoutMs: 1000 * timeoutSeconds });
  const bundle = await loadBundle(folder);
  const content = await pushedContent(bundle, { purpose, attributes, dimensions });
  if (content.dimension > kind.largestDimension) {
    const message = `${kind.name} takes vectors of at most ${kind.largestDimension} numbers, these have ${content.dimension}; cut them by --dimensions`;
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  return withStore(await kind.open(target), async (store) => {
    const { record, sent } =
      parsed.only === "verify"
        ? await heldBy(store, bundle, content, parsed.moved)
        : await pushContent(store, content, { moved: parsed.moved }, context);
    const { metric, dimension, rows: items, version } = record;
    const isWhole = parsed.moved !== undefined && store.inheritance === undefined && sent > 0;
    const notes = isWhole ? [`${kind.name} copies nothing within itself: every item was sent`] : [];
    const answer = { store: kind.name, collection, metric, dimension, items, sent, version, notes };
    if (!parsed.verify && parsed.only === undefined) return answer;
    const recall = await verifyStore(store, record, bundle, content, { ...parsed, purpose }, context);
    return { ...answer, recall };
  });
}

/** The record of a store that holds this content, exactly or up to what may have moved. */
async function heldBy(store: VectorStore, { manifest }: Bundle, content: StoreContent, moved: number | undefined) {
  const record = await store.current();
  if (record !== undefined && record.version === recordOf(content).version) return { record, sent: 0 };
  const change = moved === undefined ? undefined : await changeOf(store, content, moved);
  if (change !== undefined && change.sent.length + change.gone.length === 0) return { record: change.from, sent: 0 };
  const message = `the store does not hold this bundle of "${manifest.dataset}"; push it first`;
  throw new TailrecError("STORE_MISMATCH", message);
}

/** The work with an open store, which is closed whatever happens. */
export async function withStore<T>(store: VectorStore, work: (store: VectorStore) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
