/** Lists for a user id that the bundle does not know, by the names that these models have in evaluations. */

import type { UserGroups } from "../baselines/popular-in-cluster.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { zeros } from "../math/matrix.ts";
import type { BundleSession } from "./bundle-session.ts";
import type { Hit } from "./item-index.ts";
import { popularItems } from "./popular-items.ts";

export const fallbackModels = ["popularity", "popular-in-cluster"] as const;

export type FallbackModel = (typeof fallbackModels)[number];

export interface FallbackRequest {
  readonly count: number;
  /** What else is known of them, as a user vector. */
  readonly like?: Float32Array;
  readonly exclude?: Iterable<number>;
}

/** `popularity` pays no regard to what is known; `popular-in-cluster` without anything known is the same list. */
export async function fallbackHits(
  session: BundleSession,
  model: FallbackModel,
  { like, exclude = [], count }: FallbackRequest,
): Promise<Hit[]> {
  const request = { count, exclude: [...exclude, ...unlisted(session)] };
  if (model === "popularity") return popularItems(everybody(session.bundle.interactions), request);
  return popularItems(await session.userGroups(), { ...request, like });
}

function unlisted({ listable }: BundleSession): number[] {
  return listable === undefined ? [] : Array.from(listable.keys()).filter((row) => listable[row] === 0);
}

function everybody(interactions: Interactions): Pick<UserGroups, "centers" | "counts"> {
  return {
    centers: zeros(0, 0),
    counts: { rows: 1, columns: interactions.columns, values: Float32Array.from(itemSupport(interactions)) },
  };
}
