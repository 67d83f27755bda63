/** `tailrec recommend`: items for a known user, or for anyone who likes the given items; a fallback for ids that nobody knows. */
import { type Command, Option } from "commander";
import { TailrecError } from "../errors.ts";
import { foldInUser } from "../hybrid/fold-in-user.ts";
import { rowOf } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import { type BundleSession, openBundle } from "../serving/bundle-session.ts";
import { type FallbackModel, fallbackHits, fallbackModels } from "../serving/fallback-lists.ts";
import type { Hit } from "../serving/item-index.ts";
import { newUserAttributes } from "../serving/new-user.ts";
import { recommendItems } from "../serving/recommend.ts";
import { describeHits, listLines } from "./item-lists.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, bundleOption, parseCount, parseIds, parsePairs, parseShare } from "./verb.ts";

interface RecommendOptions extends CommonOptions {
  readonly bundle: string;
  readonly user?: string;
  readonly items?: readonly string[];
  readonly userAttributes?: Readonly<Record<string, string>>;
  readonly count: number;
  readonly tail?: number;
  readonly fallback?: FallbackModel;
}

/** A list, and what made it. */
interface Recommended {
  readonly by: "hybrid" | FallbackModel;
  readonly tail?: number;
  readonly hits: readonly Hit[];
}

/** Whom to recommend to. */
interface Taste {
  readonly vector: Float32Array;
  /** Item rows that are known already and never listed. */
  readonly seen: Iterable<number>;
}

export function addRecommend(program: Command, signal: AbortSignal): void {
  addVerb(program, "recommend", "List items for a user of the data, or for someone who likes the given items.", [
    "tailrec recommend --bundle out/shop/bundle --user U0007",
    "tailrec recommend --bundle out/shop/bundle --items P0042,P0107 --tail 0.6",
    "tailrec recommend --bundle out/shop/bundle --user-attributes segment=outdoors,age_group=30-44",
    "tailrec recommend --bundle out/shop/bundle --user U9999 --user-attributes segment=outdoors --fallback popular-in-cluster",
  ])
    .addOption(bundleOption())
    .option("--user <id>", "a user of the training data")
    .option(
      "--items <ids>",
      'items someone took, the latest last, separated by commas ("\\," for a comma inside an id)',
      parseIds,
    )
    .option(
      "--user-attributes <pairs>",
      "what is known of someone new, name=value separated by commas, alone or with --items",
      parsePairs,
    )
    .option("--count <number>", "how many items to list", parseCount, 10)
    .option(
      "--tail <share>",
      "0: popular items first, 1: no regard to popularity (default: the bundle's own)",
      parseShare,
    )
    .addOption(
      new Option(
        "--fallback <model>",
        "for a --user whom the data do not know: what is taken most, by all or by the group nearest to --items and --user-attributes",
      ).choices(fallbackModels),
    )
    .action(async (options: RecommendOptions) => {
      const output = openSession(options, signal);
      const session = await openBundle(options.bundle);
      const { by, tail, hits } = await listFor(session, options, output.context);
      const items = describeHits(session, hits);
      const { user, items: taken, userAttributes } = options;
      output.answer({ user, items: taken, userAttributes, by, tail, recommended: items }, (style) => [
        ...(by === "hybrid" ? [] : [style.faint(`the data know no user "${user}"; listed by ${by}`)]),
        ...listLines(items, style),
      ]);
    });
}

/** By the hybrid; by the fallback where one is named and the user is not known. */
async function listFor(session: BundleSession, options: RecommendOptions, context: RunContext): Promise<Recommended> {
  const { user, fallback, count, tail = session.bundle.manifest.tailDefault } = options;
  if (fallback === undefined) {
    const { vector, seen } = await tasteOf(session, options, context);
    return { by: "hybrid", tail, hits: await recommendItems(session.index, vector, { count, tail, exclude: seen }) };
  }
  if (user === undefined) throw new TailrecError("INVALID_ARGUMENT", "expected --user with --fallback, received none");
  if (session.hasUser(user)) return listFor(session, { bundle: options.bundle, user, count, tail }, context);
  const { items, userAttributes } = options;
  const isBare = items === undefined && userAttributes === undefined;
  const known = isBare ? undefined : await tasteOf(session, { ...options, user: undefined }, context);
  const hits = await fallbackHits(session, fallback, { count, like: known?.vector, exclude: known?.seen });
  return { by: fallback, hits };
}

async function tasteOf(
  session: BundleSession,
  { user, items, userAttributes }: RecommendOptions,
  context: RunContext,
): Promise<Taste> {
  const { bundle } = session;
  const isNew = items !== undefined || userAttributes !== undefined;
  if (user !== undefined && !isNew) {
    const row = session.userRow(user);
    const { indptr, indices } = bundle.interactions;
    return { vector: rowOf(bundle.model.userVectors, row), seen: indices.subarray(indptr[row], indptr[row + 1]) };
  }
  if (isNew && user === undefined) {
    const rows = (items ?? []).map(session.itemRow);
    const attributes = userAttributes && newUserAttributes(bundle.model.userPrior, userAttributes);
    return { vector: await foldInUser(bundle.model, rows, { ...context, attributes }), seen: rows };
  }
  const received = user === undefined ? "neither" : "both";
  const message = `expected either --user, or --items and --user-attributes for someone new, received ${received}`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}
