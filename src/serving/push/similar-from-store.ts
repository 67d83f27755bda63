/** Items like an item as a vector store answers, with no bundle at hand: the proof that the store serves what was pushed. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { unitRows } from "../../math/row-norms.ts";
import { parseOptions } from "../../options.ts";
import { parseFilter } from "../../rules/filter-language.ts";
import { filterSchema } from "../../rules/kinds/filter.ts";
import type { StoredHit } from "../../stores/store-kind.ts";
import { storeKindOf } from "../../stores/store-kinds.ts";
import { storeTarget } from "../../stores/store-target.ts";
import { countOption } from "../requests/request-options.ts";
import { COLLECTIONS, storeOptions, withStore } from "./push-request.ts";

export const storeSimilarSchema = z.strictObject({
  from: z.string().describe("address of the store"),
  item: z.string().describe("the item's id"),
  count: countOption,
  filter: filterSchema.optional().describe("what the items must satisfy"),
  ...storeOptions,
});

export type StoreSimilarRequest = z.input<typeof storeSimilarSchema>;

export interface StoreSimilarAnswer {
  readonly item: string;
  readonly similar: readonly StoredHit[];
  /** Why fewer are listed than were asked for. */
  readonly reason?: string;
}

/** Of length 1, so that an inner product is the part of an item that lies along it; zeros stay zeros. */
function directionOf(vector: Float32Array): Float32Array {
  return unitRows({ rows: 1, columns: vector.length, values: vector }).values;
}

/** UNKNOWN_ITEM for an id that the store lacks, STORE_MISMATCH for a collection that is not there or is not for similar items. */
export async function similarFromStore(request: StoreSimilarRequest): Promise<StoreSimilarAnswer> {
  const parsed = parseOptions(storeSimilarSchema, request, "similar");
  const { from, item, count, filter, collection = COLLECTIONS.similar, secretFile, timeoutSeconds } = parsed;
  const tree = filter && parseFilter(filter);
  const target = await storeTarget(from, { collection, secretFile, timeoutMs: 1000 * timeoutSeconds });
  return withStore(await storeKindOf(from).open(target), async (store) => {
    const record = await store.current();
    if (record === undefined) {
      throw new TailrecError(
        "STORE_MISMATCH",
        `${from}: the store has no collection "${collection}"; push a bundle first`,
      );
    }
    if (record.purpose !== "similar") {
      const message = `${from}: "${collection}" holds items for users; name a collection of similar items`;
      throw new TailrecError("STORE_MISMATCH", message);
    }
    const vector = await store.vectorOf(record, item);
    if (vector === undefined) throw new TailrecError("UNKNOWN_ITEM", `${from}: "${collection}" has no item "${item}"`);
    const query = {
      vector: directionOf(vector),
      count: count + 1,
      ...(tree && "filter" in tree && { filter: tree.filter }),
    };
    const hits = await store.search(record, query);
    const similar = hits.filter(({ id }) => id !== item).slice(0, count);
    const limit = filter === undefined ? "the store has no other item" : "the filter leaves no other item of the store";
    return { item, similar, ...(similar.length < count && { reason: limit }) };
  });
}
