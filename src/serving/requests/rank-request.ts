/** The request to order a given list, such as the hits of a search engine, for a person or by likeness to an item. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import type { Hit } from "../ranking/item-index.ts";
import { type RerankTarget, rerankItems } from "../ranking/rerank.ts";
import { type ListedItem, listedItems } from "./listed-items.ts";
import { tailOption } from "./request-options.ts";
import { tasteOf } from "./taste.ts";

export const rankRequestSchema = z.strictObject({
  candidates: z.array(z.string()).min(1).max(10_000).readonly().describe("ids of the items to order"),
  user: z.string().optional().describe("order for this user"),
  items: z.array(z.string()).readonly().optional().describe("order for someone who took these, the latest last"),
  like: z.string().optional().describe("order by likeness to this item"),
  tail: tailOption,
  count: z.int().positive().optional().describe("how many items to keep; all of them when absent"),
});

export type RankRequest = z.input<typeof rankRequestSchema>;
type ParsedRequest = z.output<typeof rankRequestSchema>;

export interface RankAnswer {
  readonly ranked: readonly ListedItem[];
  /** Candidates that the catalog does not have, in their given order; they belong after the ranked ones. */
  readonly unknown: readonly string[];
  /** Absent where the model ordered; "given" where nothing is known of the person, and the given order was kept. */
  readonly by?: "given";
}

/** INVALID_ARGUMENT unless exactly one of `user`, `items` and `like` is there; UNKNOWN_ITEM for `like`. */
export async function answerRank(
  session: BundleSession,
  request: RankRequest,
  context: RunContext = {},
): Promise<RankAnswer> {
  const parsed = parseOptions(rankRequestSchema, request, "rank");
  requireOneTarget(parsed);
  const unknown = parsed.candidates.filter((id) => !session.hasItem(id));
  const rows = parsed.candidates.filter(session.hasItem).map(session.itemRow);
  const target = await targetOf(session, parsed, context);
  if (target === undefined) {
    const kept = [...new Set(rows)].slice(0, parsed.count).map((row) => ({ row, score: 0 }));
    return { ranked: listedItems(session, kept), unknown, by: "given" };
  }
  return { ranked: listedItems(session, await ordered(session, rows, target, parsed)), unknown };
}

function ordered(
  session: BundleSession,
  rows: readonly number[],
  target: RerankTarget,
  request: ParsedRequest,
): Promise<Hit[]> {
  const { tail = session.bundle.manifest.tailDefault, count } = request;
  const index = "item" in target ? session.similar() : session.index;
  return rows.length === 0 ? Promise.resolve([]) : rerankItems(index, rows, target, { tail, count });
}

function requireOneTarget({ user, items, like }: ParsedRequest): void {
  const given = Object.entries({ user, items, like }).filter(([, value]) => value !== undefined);
  if (given.length === 1) return;
  const received = given.map(([name]) => name).join(" and ") || "none";
  throw new TailrecError("INVALID_ARGUMENT", `rank: expected one of user, items and like, received ${received}`);
}

/** Undefined where the person is unknown. */
async function targetOf(
  session: BundleSession,
  { user, items = [], like }: ParsedRequest,
  context: RunContext,
): Promise<RerankTarget | undefined> {
  if (like !== undefined) return { item: session.itemRow(like) };
  if (user !== undefined) {
    return session.hasUser(user) ? { userVector: (await tasteOf(session, { user }, context)).vector } : undefined;
  }
  const known = items.filter(session.hasItem);
  return known.length === 0 ? undefined : { userVector: (await tasteOf(session, { items: known }, context)).vector };
}
