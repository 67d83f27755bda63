/** The request for a list for one person: by the hybrid, or by a named fallback where the data do not know the user. */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import type { BundleSession } from "./bundle-session.ts";
import { type FallbackModel, fallbackHits, fallbackModels } from "./fallback-lists.ts";
import type { Hit } from "./item-index.ts";
import { type ListedItem, listedItems } from "./listed-items.ts";
import { reserveForNew } from "./new-places.ts";
import { recommendItems } from "./recommend.ts";
import { countOption, newPlacesOption, tailOption } from "./request-options.ts";
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
  /** Why the list is empty, where it is. */
  readonly reason?: string;
}

interface FoundList {
  readonly by: RecommendAnswer["by"];
  readonly tail?: number;
  readonly hits: readonly Hit[];
  /** Items that the person has already. */
  readonly seen: number;
}

/** Errors: those of `tasteOf`; INVALID_ARGUMENT for a fallback without a user; INVALID_OPTIONS. */
export async function answerRecommend(
  session: BundleSession,
  request: RecommendRequest,
  context: RunContext = {},
): Promise<RecommendAnswer> {
  const parsed = parseOptions(recommendRequestSchema, request, "recommend");
  const { by, tail, hits, seen } = await listFor(session, parsed, context);
  const recommended = listedItems(session, hits);
  const reason = hits.length > 0 ? undefined : emptyReason(by, seen, session.bundle.catalog.ids.length);
  return { by, ...(tail !== undefined && { tail }), recommended, ...(reason !== undefined && { reason }) };
}

async function listFor(session: BundleSession, request: ParsedRequest, context: RunContext): Promise<FoundList> {
  const { user, fallback } = request;
  if (fallback === undefined) return hybridList(session, await tasteOf(session, request, context), request);
  if (user === undefined) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      "expected a user with a fallback, received none; leave the fallback out",
    );
  }
  if (session.hasUser(user)) return hybridList(session, await tasteOf(session, { user }, context), request);
  const known = isDescribed(request) ? await tasteOf(session, { ...request, user: undefined }, context) : undefined;
  const { count, newPlaces } = request;
  const seen = [...(known?.seen ?? [])];
  const listed = (exclude: readonly number[]) =>
    fallbackHits(session, fallback, { count, like: known?.vector, exclude: [...seen, ...exclude] });
  const newest = newPlaces === 0 ? [] : await listed(rowsWithout(session.newItems()));
  return { by: fallback, hits: reserveForNew(await listed([]), newest, newPlaces), seen: seen.length };
}

async function hybridList(session: BundleSession, { vector, seen }: Taste, request: ParsedRequest): Promise<FoundList> {
  const { count, tail = session.bundle.manifest.tailDefault, newPlaces } = request;
  const search = { count, tail, exclude: seen };
  const listed = await recommendItems(session.index, vector, search);
  const newest =
    newPlaces === 0 ? [] : await recommendItems(session.index, vector, { ...search, allow: session.newItems() });
  const hits = reserveForNew(listed, newest, newPlaces);
  return { by: "hybrid", tail, hits, seen: seen.length };
}

/** The rows of the items without the flag. */
function rowsWithout(flags: Uint8Array): number[] {
  return Array.from(flags.keys()).filter((row) => flags[row] === 0);
}

function emptyReason(by: FoundList["by"], seen: number, items: number): string {
  if (seen >= items) return `every item of the catalog (${items}) has been taken already`;
  return by === "hybrid"
    ? "no item of the catalog may be listed"
    : `nobody took an item besides the ${seen} that are named; leave the fallback out to list by content`;
}
