/** Options that several kinds of rule share: each has one meaning and one schema. */
import { z } from "zod";

const lists = z
  .enum(["all", "similar", "recommend"])
  .default("all")
  .describe("lists that it is for: similar items, recommendations, or all");

const name = z.string().min(1).optional().describe("its name in reasons and ledgers; the kind where absent");

/** Every rule: `kind`, `name`, `lists`. */
export function ruleSchema<K extends string, Shape extends z.ZodRawShape>(kind: K, shape: Shape) {
  return z.strictObject({ kind: z.literal(kind), name, ...shape, lists });
}

/** Of rules that state a wish and no duty. */
export const strictOption = z
  .boolean()
  .default(true)
  .describe("false: where fewer items are left than asked for, the fallback fills the list without this rule");

export const attributeOption = z.string().min(1).describe("attribute of the items, as the pipeline names it");

export const fileOption = z
  .string()
  .min(1)
  .describe("file of ids, one a line (.txt), or a table with a column of them");

export const columnOption = z.string().min(1).default("item").describe("column of the item ids in the file");

export const itemsOption = z.array(z.string()).describe("item ids");

export const historyFileOption = z
  .string()
  .min(1)
  .describe("table of what users were shown or said: a row a time, with columns of users and items");

export const userColumnOption = z.string().min(1).default("user").describe("column of the user ids in the file");

export const shareOption = z.number().min(0).max(1);
