/** The request why two items are near. */
import type { BundleSession } from "../bundle-session.ts";
import { type Explanation, explainPair } from "../explanation/explain.ts";
import { type ListedItem, listedItem } from "./listed-items.ts";

export interface ExplainAnswer {
  readonly items: readonly [ListedItem, ListedItem];
  readonly explanation: Explanation;
}

/** Errors: UNKNOWN_ITEM. */
export async function answerExplain(session: BundleSession, a: string, b: string): Promise<ExplainAnswer> {
  const rows = [session.itemRow(a), session.itemRow(b)] as const;
  const items = [listedItem(session, rows[0]), listedItem(session, rows[1])] as const;
  return { items, explanation: explainPair(rows[0], rows[1], session.evidence()) };
}
