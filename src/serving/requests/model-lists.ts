/** Lists by one part of the model alone, for experiments: by behaviour (als), by content, or by what everybody takes. */
import { rowOf } from "../../math/matrix.ts";
import type { BundleSession } from "../bundle-session.ts";
import { fallbackFinder } from "../ranking/fallback-lists.ts";
import type { ItemIndex } from "../ranking/item-index.ts";
import { recommendItems } from "../ranking/recommend.ts";
import type { LenientList } from "./lenient-lists.ts";
import { listedItems } from "./listed-items.ts";

export const partModels = ["als", "content", "popularity"] as const;

export type PartModel = (typeof partModels)[number];

/**
 * Items for a user. Behaviour: the ALS factors of a user of the data. Content, and behaviour for others: the sum of the directions of
 * what they took. What everybody takes where nothing is known of them.
 */
export async function listByPart(
  session: BundleSession,
  model: PartModel,
  { user, count }: { readonly user: string; readonly count: number },
): Promise<LenientList> {
  const unknown = { items: [], users: session.hasUser(user) ? [] : [user] };
  const taken = takenBy(session, user);
  const query = model === "popularity" ? undefined : queryOf(session, model, user, taken);
  if (query === undefined) {
    const find = await fallbackFinder(session.takers, "popularity", () => ({ exclude: taken }));
    const [hits] = await find({ owners: [0], count, exclude: [[]], reach: 0 });
    return { list: listedItems(session, hits), by: "popularity", unknown };
  }
  const allow = session.listable;
  const hits = await recommendItems(query.index, query.vector, {
    count,
    tail: query.tail,
    exclude: taken,
    ...(allow && { allow }),
  });
  return { list: listedItems(session, hits), by: model, unknown };
}

interface PartQuery {
  readonly index: ItemIndex;
  readonly vector: Float32Array;
  readonly tail: number;
}

function queryOf(
  session: BundleSession,
  model: "als" | "content",
  user: string,
  taken: readonly number[],
): PartQuery | undefined {
  const index = session.parts[model === "als" ? "als" : "prior"]();
  const row = session.findUser(user);
  const { userFactors } = session.bundle.model.als;
  if (model === "als" && row !== undefined) return { index, vector: rowOf(userFactors, row), tail: 0 };
  const vector = new Float32Array(index.vectors.columns);
  for (const item of taken) {
    const own = rowOf(index.vectors, item);
    for (let d = 0; d < vector.length; d++) vector[d] += index.norms[item] > 0 ? own[d] / index.norms[item] : 0;
  }
  return vector.some((value) => value !== 0) ? { index, vector, tail: 1 } : undefined;
}

function takenBy(session: BundleSession, user: string): number[] {
  const row = session.findUser(user);
  const { indptr, indices } = session.bundle.interactions;
  const known = row === undefined ? [] : [...indices.subarray(indptr[row], indptr[row + 1])];
  const { rows = [], dismissed = [] } = session.history(user) ?? {};
  return [...new Set([...known, ...rows, ...dismissed])];
}
