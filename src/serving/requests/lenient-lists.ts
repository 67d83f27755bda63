/**
 * Lists for callers who cannot know which ids the data have, such as a shop page: what is known is used, what is not is said, and
 * where nothing is left the fallback answers.
 */
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { type FallbackModel, fallbackFinder } from "../ranking/fallback-lists.ts";
import { rulesFor } from "./list-rules.ts";
import { type ListedItem, listedItems } from "./listed-items.ts";
import { answerRecommend, type RecommendAnswer, type RecommendRequest } from "./recommend-request.ts";
import { asTheyCome, ruledAnswers } from "./ruled-answer.ts";
import { answerSimilar, type SimilarRequest, similarRequestSchema } from "./similar-request.ts";

export interface UnknownIds {
  readonly items: readonly string[];
  readonly users: readonly string[];
}

export interface LenientList {
  readonly list: readonly ListedItem[];
  /** What made the list: "similar", the hybrid, one part of it alone, or a fallback. */
  readonly by: "similar" | "als" | "content" | RecommendAnswer["by"];
  readonly unknown: UnknownIds;
  /** Why the list is shorter than asked for, or was filled. */
  readonly reason?: string;
}

/** The items like `item`; what everybody takes where nobody knows it. */
export async function similarOrPopular(session: BundleSession, request: SimilarRequest): Promise<LenientList> {
  if (session.hasItem(request.item)) {
    const { similar, reason } = await answerSimilar(session, request);
    return { list: similar, by: "similar", unknown: { items: [], users: [] }, ...(reason !== undefined && { reason }) };
  }
  return { ...(await popularList(session, request)), unknown: { items: [request.item], users: [] } };
}

/** What everybody takes, under the rules for lists of similar items. */
async function popularList(session: BundleSession, request: SimilarRequest): Promise<Omit<LenientList, "unknown">> {
  const parsed = parseOptions(similarRequestSchema, request, "similar");
  const rules = asTheyCome(await rulesFor(session, parsed, "similar"));
  const findFallback = () => fallbackFinder(session.takers, "popularity", () => ({ exclude: [] }));
  const nobody = { history: [], query: new Float32Array(session.index.vectors.columns), normExponent: 0 };
  const [{ hits, filled, reason }] = await ruledAnswers({
    owners: [nobody],
    rules,
    count: parsed.count,
    items: session.bundle.catalog.ids.length,
    find: await findFallback(),
    fallback: "popularity",
    findFallback,
  });
  const list = listedItems(session, hits, { count: filled, by: "popularity" });
  return { list, by: "popularity", ...(reason !== undefined && { reason }) };
}

/** A list for a person by whatever is known of them; by `fallback` where nothing is. Errors: those of `answerRecommend`. */
export async function recommendOrPopular(
  session: BundleSession,
  request: RecommendRequest,
  context: RunContext = {},
): Promise<LenientList> {
  const { user, items, fallback = "popular-in-cluster", ...rest } = request;
  const unknown = {
    items: (items ?? []).filter((id) => !session.hasItem(id)),
    users: user === undefined || session.hasUser(user) ? [] : [user],
  };
  const known = items?.filter(session.hasItem);
  const described = { ...rest, ...(known !== undefined && known.length > 0 && { items: known }) };
  const answer = await answerRecommend(session, requestOf(described, user, unknown, fallback), context);
  return {
    list: answer.recommended,
    by: answer.by,
    unknown,
    ...(answer.reason !== undefined && { reason: answer.reason }),
  };
}

/** A known user by their own vector, someone described by what is said, and anybody else by the fallback. */
function requestOf(
  described: RecommendRequest,
  user: string | undefined,
  unknown: UnknownIds,
  fallback: FallbackModel,
): RecommendRequest {
  const isDescribed = described.items !== undefined || described.userAttributes !== undefined;
  if (user !== undefined && unknown.users.length === 0)
    return { ...described, user, items: undefined, userAttributes: undefined };
  return isDescribed ? described : { user: user ?? "", fallback, ...described };
}
