/** The request for a list for one person: by the hybrid, or by a named fallback where the data do not know the user. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { parseOptions } from "../../options.ts";
import type { ReadyRule } from "../../rules/prepared-rules.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { blockFinder } from "../ranking/block-finder.ts";
import { type FallbackModel, fallbackFinder, fallbackModels } from "../ranking/fallback-lists.ts";
import { rulesFor } from "./list-rules.ts";
import { type ListedItem, listedItems } from "./listed-items.ts";
import {
  countOption,
  exploreOption,
  newPlacesOption,
  ruleOptions,
  tailOption,
  wishOptions,
} from "./request-options.ts";
import { asTheyCome, type RuledAnswer, ruledAnswers } from "./ruled-answer.ts";
import { isDescribed, type Taste, tasteOf } from "./taste.ts";

export const recommendRequestSchema = z.strictObject({
  user: z.string().optional().describe("id of a user of the data"),
  items: z.array(z.string()).readonly().optional().describe("ids of items that someone new took, the latest last"),
  userAttributes: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .describe("what is said of someone new, by the names of the users file"),
  count: countOption,
  tail: tailOption,
  newPlaces: newPlacesOption,
  ...wishOptions,
  explore: exploreOption,
  ...ruleOptions,
  fallback: z
    .enum(fallbackModels)
    .optional()
    .describe("for a user whom the data do not know: what is taken most, by all or by the group nearest to the rest"),
});

export type RecommendRequest = z.input<typeof recommendRequestSchema>;
type ParsedRequest = z.output<typeof recommendRequestSchema>;

export interface RecommendAnswer {
  /** What made the list. */
  readonly by: "hybrid" | FallbackModel;
  /** The tail dial of the hybrid's list. */
  readonly tail?: number;
  readonly recommended: readonly ListedItem[];
  /** Why the list is shorter than asked for, or was filled. */
  readonly reason?: string;
  /** What is worth knowing of the rules: ids and values that nobody has. */
  readonly notes?: readonly string[];
}

interface FoundList extends RuledAnswer {
  readonly by: RecommendAnswer["by"];
  readonly tail?: number;
  /** Items that the person has already. */
  readonly seen: number;
}

/** Errors: those of `tasteOf` and of the rules; INVALID_ARGUMENT for a fallback without a user; INVALID_OPTIONS. */
export async function answerRecommend(
  session: BundleSession,
  request: RecommendRequest,
  context: RunContext = {},
): Promise<RecommendAnswer> {
  const parsed = parseOptions(recommendRequestSchema, request, "recommend");
  const rules = await rulesFor(session, parsed, "recommend");
  const found = await listFor(session, rules, parsed, context);
  const { by, tail, hits, filled, seen } = found;
  const items = session.bundle.catalog.ids.length;
  const reason = found.reason ?? (hits.length > 0 ? undefined : emptyReason(by, seen, items));
  const notes = rules.flatMap((rule) => rule.notes);
  return {
    by,
    ...(tail !== undefined && { tail }),
    recommended: listedItems(session, hits, { count: filled, by: parsed.fallback ?? "popularity" }),
    ...(reason !== undefined && { reason }),
    ...(notes.length > 0 && { notes }),
  };
}

async function listFor(
  session: BundleSession,
  rules: readonly ReadyRule[],
  request: ParsedRequest,
  context: RunContext,
): Promise<FoundList> {
  const { user, fallback, strict } = request;
  if (fallback === undefined) return hybridList(session, rules, await tasteOf(session, request, context), request);
  if (user === undefined && strict && rules.every(({ givesWay }) => !givesWay)) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      "expected a user with a fallback, or rules that give way, received none; leave the fallback out",
    );
  }
  if (user === undefined || session.hasUser(user)) {
    const person = user === undefined ? request : { user };
    return hybridList(session, rules, await tasteOf(session, person, context), request);
  }
  const known = isDescribed(request) ? await tasteOf(session, { ...request, user: undefined }, context) : undefined;
  return fallbackList(session, rules, known, { ...request, fallback });
}

async function fallbackList(
  session: BundleSession,
  rules: readonly ReadyRule[],
  known: Taste | undefined,
  { user, count, fallback }: ParsedRequest & { readonly fallback: FallbackModel },
): Promise<FoundList> {
  const taste = known ?? { vector: new Float32Array(session.index.vectors.columns), seen: [] };
  const finder = () => fallbackFinder(session.takers, fallback, () => ({ like: known?.vector, exclude: taste.seen }));
  const answer = await answerOne(session, { taste, user, normExponent: 0, count, fallback }, asTheyCome(rules), {
    find: await finder(),
    findFallback: finder,
  });
  return { by: fallback, ...answer, seen: taste.seen.length };
}

async function hybridList(
  session: BundleSession,
  rules: readonly ReadyRule[],
  taste: Taste,
  { user, count, tail = session.bundle.manifest.tailDefault, fallback = "popularity" }: ParsedRequest,
): Promise<FoundList> {
  const { index } = session;
  const queries = { rows: 1, columns: taste.vector.length, values: taste.vector };
  const block = { queries, exclude: patternOf(taste.seen, index.vectors.rows), normExponent: tail };
  const like = { like: taste.vector, exclude: taste.seen };
  const answer = await answerOne(session, { taste, user, normExponent: tail, count, fallback }, rules, {
    find: blockFinder(index, block, session.ruleWorld().spread),
    findFallback: () => fallbackFinder(session.takers, fallback, () => like),
  });
  return { by: "hybrid", tail, ...answer, seen: taste.seen.length };
}

interface OnePerson {
  readonly taste: Taste;
  readonly user?: string;
  readonly normExponent: number;
  readonly count: number;
  readonly fallback: FallbackModel;
}

async function answerOne(
  { bundle }: BundleSession,
  { taste: { vector, seen }, user, normExponent, ...asked }: OnePerson,
  rules: readonly ReadyRule[],
  finders: Pick<Parameters<typeof ruledAnswers>[0], "find" | "findFallback">,
): Promise<RuledAnswer> {
  const owners = [{ history: seen, user, query: vector, normExponent }];
  const [answer] = await ruledAnswers({ owners, rules, ...asked, ...finders, items: bundle.catalog.ids.length });
  return answer;
}

/** One row of what is never listed. */
function patternOf(rows: Iterable<number>, columns: number) {
  const indices = Uint32Array.from(new Set(rows)).sort();
  const indptr = Uint32Array.of(0, indices.length);
  return { rows: 1, columns, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

function emptyReason(by: FoundList["by"], seen: number, items: number): string {
  if (seen >= items) return `every item of the catalog (${items}) has been taken already`;
  return by === "hybrid"
    ? "no item of the catalog may be listed"
    : `nobody took an item besides the ${seen} that are named; leave the fallback out to list by content`;
}
