/**
 * Recall@10 of a store against the exact lists, with and without a filter: the share of the ten nearest that the store names. Stores fail
 * in silence here: a graph loses items of uneven lengths under the inner product, and a filter thins out what an index gives.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import { TailrecError } from "../../errors.ts";
import { type Matrix, rowOf, takeRows, zeros } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import { type Filter, type FilterInput, parseFilter } from "../../rules/filter-language.ts";
import { filterMask } from "../../rules/filter-mask.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { StoreContent } from "../../stores/store-content.ts";
import type { Metric, Purpose, VectorStore, VersionRecord } from "../../stores/store-kind.ts";
import { createItemIndex, type ItemIndex, searchBlock } from "../ranking/item-index.ts";
import { userQueries } from "./pushed-content.ts";

export interface StoreRecall {
  /** Lists that were asked for. */
  readonly queries: number;
  /** Share of the exact ten that the store gives. */
  readonly plain: number;
  readonly filtered: number;
  readonly filter: FilterInput;
  /** Share of the items that the filter leaves. */
  readonly filterShare: number;
  /** Lists that came back short though enough items pass. */
  readonly short: number;
}

/** Below it a push that verifies fails. */
export const LEAST_RECALL = 0.98;
const QUERIES = 200;
const LENGTH = 10;

export interface RecallOptions {
  readonly purpose: Purpose;
  readonly filter?: FilterInput;
  readonly dimensions?: number;
}

/** Asks the store on behalf of up to 200 items or users, evenly spread. */
export async function verifyStore(
  store: VectorStore,
  record: VersionRecord,
  bundle: Bundle,
  { items, dimension }: StoreContent,
  { purpose, filter = usualFilter(bundle), dimensions }: RecallOptions,
  context: RunContext,
): Promise<StoreRecall> {
  const vectors = zeros(items.length, dimension);
  for (const [row, { vector }] of items.entries()) vectors.values.set(vector, row * dimension);
  const index = createItemIndex(vectors);
  const asked = purpose === "similar" ? await likeItems(index) : await forUsers(bundle, dimensions);
  const parsed = parseFilter(filter);
  if (!("filter" in parsed)) throw new TailrecError("INVALID_OPTIONS", `filter: ${parsed.problems[0].message}`);
  const { flags } = filterMask(parsed.filter, bundle.catalog, "filter");
  const rowOfId = new Map(items.map(({ id }, row) => [id, row]));
  const askedOf = { store, record, index, asked, rowOfId };
  const plain = await askAll(askedOf, { stage: "verify" }, context);
  const filtered = await askAll(
    askedOf,
    { stage: "verify with a filter", allow: flags, filter: parsed.filter },
    context,
  );
  return {
    queries: asked.own.length,
    plain: plain.recall,
    filtered: filtered.recall,
    filter,
    filterShare: flags.reduce((sum, flag) => sum + flag, 0) / items.length,
    short: plain.short + filtered.short,
  };
}

interface AskedStore {
  readonly store: VectorStore;
  readonly record: VersionRecord;
  readonly index: ItemIndex;
  readonly asked: Asked;
  readonly rowOfId: ReadonlyMap<string, number>;
}

/** Mean share of the exact lists that the store gives, and how many lists are short. */
async function askAll(
  { store, record, index, asked, rowOfId }: AskedStore,
  { stage, allow, filter }: { readonly stage: string; readonly allow?: Uint8Array; readonly filter?: Filter },
  context: RunContext,
): Promise<{ readonly recall: number; readonly short: number }> {
  const least = await leastScores(index, asked, record.metric, allow);
  const total = asked.own.length;
  let [sum, short] = [0, 0];
  for (const [i, own] of asked.own.entries()) {
    throwIfInterrupted(context);
    const vector = rowOf(asked.queries, i);
    const hits = await store.search(record, { vector, count: LENGTH + 1, ...(filter && { filter }) });
    const rows = hits.map(({ id }) => rowOfId.get(id) ?? -1).filter((row) => row !== own);
    const { wanted, score } = least[i];
    const length = Math.hypot(...vector);
    const isRight = (row: number) => {
      if (row < 0 || allow?.[row] === 0) return false;
      const rounding = ROUNDING * length * (record.metric === "cosine" ? 1 : index.norms[row]);
      return scoreOf(index, vector, row, record.metric) >= score - rounding;
    };
    const right = rows.slice(0, wanted).filter(isRight).length;
    if (rows.length < wanted) short++;
    sum += wanted === 0 ? 1 : right / wanted;
    context.onProgress?.({ stage, done: i + 1, total });
  }
  return { recall: sum / total, short };
}

interface Asked {
  readonly queries: Matrix;
  /** Row of the item that asks, which is not in its own list; -1 for a user. */
  readonly own: readonly number[];
}

function likeItems(index: ItemIndex): Asked {
  // Nothing is like a vector of zeros.
  const known = Array.from(index.norms.keys()).filter((row) => index.norms[row] > 0);
  const own = spread(known.length).map((place) => known[place]);
  return { queries: unitRows(takeRows(index.vectors, own)), own };
}

async function forUsers(bundle: Bundle, dimensions: number | undefined): Promise<Asked> {
  const users = spread(bundle.userIds.length);
  const queries = takeRows(await userQueries(bundle, dimensions), users);
  return { queries, own: users.map(() => -1) };
}

function spread(count: number): number[] {
  const taken = Math.min(QUERIES, count);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}

/** Scores so near to each other are a tie: either order is right. */
const TIE = 1e-4;
/** Near 0 no share of a score covers what float32 loses: that follows the lengths of both vectors. */
const ROUNDING = 1e-6;

/** Of every exact list its length, and the score from which on an item belongs to it. */
async function leastScores(index: ItemIndex, { queries, own }: Asked, metric: Metric, allow?: Uint8Array) {
  const normExponent = metric === "cosine" ? 1 : 0;
  const found = await searchBlock(index, queries, { count: LENGTH + 1, normExponent, ...(allow && { allow }) });
  return own.map((row, i) => {
    const places = Array.from({ length: found.count }, (_, place) => i * found.count + place);
    const listed = places.filter((at) => found.items[at] >= 0 && found.items[at] !== row).slice(0, LENGTH);
    const last = listed.length === 0 ? 0 : found.scores[listed[listed.length - 1]];
    return { wanted: listed.length, score: last - TIE * Math.abs(last) };
  });
}

function scoreOf({ vectors, norms }: ItemIndex, query: Float32Array, row: number, metric: Metric): number {
  const item = rowOf(vectors, row);
  const product = query.reduce((sum, value, d) => sum + value * item[d], 0);
  return metric === "cosine" ? product / Math.max(norms[row], Number.MIN_VALUE) : product;
}

/** The value of a category that leaves nearest to a twentieth of the items; their support, through no id, where there is no category. */
function usualFilter({ catalog }: Bundle): FilterInput {
  const wanted = catalog.ids.length / 20;
  let best: { readonly filter: FilterInput; readonly distance: number } | undefined;
  for (const attribute of catalog.attributes) {
    if (attribute.kind !== "category") continue;
    const counts = new Map<string, number>();
    for (const value of attribute.values.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
    for (const [value, count] of counts) {
      const distance = Math.abs(Math.log(count / wanted));
      if (best === undefined || distance < best.distance) best = { filter: { [attribute.name]: value }, distance };
    }
  }
  return best?.filter ?? { id: { $in: catalog.ids.filter((_, row) => row % 20 === 0) } };
}
