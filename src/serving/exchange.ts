/** Whether a new bundle may take the place of the one that answers: what is lost and how much lists change, against set limits. */
import { z } from "zod";
import { defaultSlices } from "../data/slices.ts";
import { TailrecError } from "../errors.ts";
import type { BundleSession } from "./bundle-session.ts";
import { similarChurn } from "./compare/list-churn.ts";

export const exchangeLimitsSchema = z.strictObject({
  maximumChurn: z.number().min(0).max(1).default(0.8).describe("mean share of a list of similar items that may be new"),
  maximumLost: z.number().min(0).max(1).default(0.2).describe("share of the items that may be gone"),
});

export type ExchangeLimits = z.output<typeof exchangeLimitsSchema>;

export interface Exchange {
  /** Mean share of lists of similar items that is new. */
  readonly churn: number;
  /** Share of the items that are gone. */
  readonly lost: number;
}

/** BUNDLE_REFUSED beyond the limits. Items that were deleted are not lost. */
export async function requireExchangeable(
  before: BundleSession,
  after: BundleSession,
  { maximumChurn, maximumLost }: ExchangeLimits,
  isDeleted: (id: string) => boolean,
): Promise<Exchange> {
  const { ids } = before.bundle.catalog;
  const lost = ids.filter((id) => !isDeleted(id) && !after.hasItem(id)).length / ids.length;
  if (lost > maximumLost) throw refused(`${percent(lost)} of the items are gone`, "maximumLost", maximumLost);
  const all = defaultSlices.filter(({ name }) => name === "all");
  const [{ churn } = { churn: 0 }] = await similarChurn(before, after, all);
  if (churn > maximumChurn) {
    throw refused(`${percent(churn)} of the places in lists of similar items change`, "maximumChurn", maximumChurn);
  }
  return { churn, lost };
}

function refused(what: string, limit: keyof ExchangeLimits, allowed: number): TailrecError {
  return new TailrecError(
    "BUNDLE_REFUSED",
    `${what}, more than the ${percent(allowed)} of ${limit}; the old bundle goes on`,
  );
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
