/** The file `items.jsonl` of a service's log: items that came, changed, went, or were sold out, in the order in which they did. */
import { join } from "node:path";
import { z } from "zod";
import { type ItemRecord, itemRecordSchema } from "../item-records.ts";
import { readRecordLog } from "./record-lines.ts";

export const itemChangeSchema = z.discriminatedUnion("change", [
  z.object({ change: z.literal("put"), ...itemRecordSchema.shape }),
  z.object({ change: z.literal("delete"), id: z.string() }),
  z.object({ change: z.literal("availability"), id: z.string(), available: z.boolean() }),
]);

export type ItemChange = z.input<typeof itemChangeSchema>;

/** What all changes came to. */
export interface LoggedItems {
  /** New items and changed ones, as they were last; those that were deleted again are none. */
  readonly put: readonly ItemRecord[];
  readonly deleted: readonly string[];
}

/** Errors: those of `readRecordLog`. */
export async function readLoggedItems(folder: string): Promise<LoggedItems> {
  const put = new Map<string, ItemRecord>();
  const deleted = new Set<string>();
  for (const record of await readRecordLog(join(folder, "items.jsonl"))) {
    const change = itemChangeSchema.parse(record);
    if (change.change === "availability") continue;
    put.delete(change.id);
    deleted.delete(change.id);
    if (change.change === "delete") deleted.add(change.id);
    else put.set(change.id, itemOf(change));
  }
  return { put: [...put.values()], deleted: [...deleted] };
}

function itemOf({ change: _, ...item }: Extract<ItemChange, { readonly change: "put" }>): ItemRecord {
  return item;
}
