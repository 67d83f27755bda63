/** Two bundles side by side: whether stored vectors stay comparable, how much lists change, which is better on what came later, and why. */
import { z } from "zod";
import { defaultSlices } from "../../data/slices.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import { type BundleSession, openBundle } from "../bundle-session.ts";
import { type ChangedItem, mostChanged } from "./changed-items.ts";
import { type LaterFigures, laterFigures } from "./later-events.ts";
import { type RecommendedChurn, recommendedChurn, type SliceChurn, similarChurn } from "./list-churn.ts";
import { movedVectors, type Spread, spreadOf } from "./moved-vectors.ts";

export const compareRequestSchema = z.strictObject({
  interactions: z
    .string()
    .optional()
    .describe("file of interactions that neither bundle has seen: NDCG of both on them"),
  moved: z.number().min(0).max(2).default(0.01).describe("1 - cosine from which on a vector counts as moved"),
  count: z.int().positive().default(10).describe("how many of the most changed items to name"),
});

export type CompareRequest = z.input<typeof compareRequestSchema>;

/** What both have, what only the later one has, and what only the earlier one had. */
export interface Overlap {
  readonly shared: number;
  readonly added: number;
  readonly gone: number;
}

export interface BundleComparison {
  readonly items: Overlap;
  readonly users: Overlap;
  readonly moved: {
    /** 1 - cosine of exported vectors as they are. */
    readonly asStored: Spread;
    /** After the best rotation. */
    readonly aligned: Spread;
    readonly threshold: number;
    /** Items that both have and whose exported vectors moved farther than the threshold. */
    readonly beyond: number;
  };
  readonly similar: readonly SliceChurn[];
  readonly recommended: RecommendedChurn;
  /** Absent where no later interactions are given. */
  readonly later?: LaterFigures;
  readonly mostChanged: readonly ChangedItem[];
}

/** Opens both and compares. Errors: those of `openBundle`, of ingest, and INVALID_OPTIONS. */
export async function compareBundleFolders(
  before: string,
  after: string,
  request: CompareRequest = {},
  context: RunContext = {},
): Promise<BundleComparison> {
  return compareBundles(await openBundle(before), await openBundle(after), request, context);
}

/** The same for bundles that are open. */
export async function compareBundles(
  before: BundleSession,
  after: BundleSession,
  request: CompareRequest = {},
  context: RunContext = {},
): Promise<BundleComparison> {
  const { interactions, moved: threshold, count } = parseOptions(compareRequestSchema, request, "compare");
  const [a, b] = [before.bundle, after.bundle];
  const later = interactions === undefined ? undefined : await laterFigures(a, b, interactions, context);
  const moved = await movedVectors(a, b);
  return {
    items: overlapOf(a.catalog.ids, b.catalog.ids),
    users: overlapOf(a.userIds, b.userIds),
    moved: {
      asStored: spreadOf(moved.asStored),
      aligned: spreadOf(moved.aligned),
      threshold,
      beyond: moved.asStored.filter((distance) => distance > threshold).length,
    },
    similar: await similarChurn(before, after, defaultSlices),
    recommended: await recommendedChurn(before, after),
    ...(later && { later }),
    mostChanged: mostChanged(a, b, moved, count),
  };
}

function overlapOf(before: readonly string[], after: readonly string[]): Overlap {
  const known = new Set(before);
  const shared = after.filter((id) => known.has(id)).length;
  return { shared, added: after.length - shared, gone: before.length - shared };
}
