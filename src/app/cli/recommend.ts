/** `tailrec recommend`: items for a known user, or for anyone who likes the given items. */
import type { Command } from "commander";
import { foldInUser } from "../../embeddings/fold-in-user.ts";
import { TailrecError } from "../../errors.ts";
import { rowOf } from "../../math/matrix.ts";
import { recommendItems } from "../../retrieval/recommend.ts";
import type { RunContext } from "../../run-context.ts";
import { type BundleSession, openBundle } from "../bundle-session.ts";
import { newUserAttributes } from "../new-user.ts";
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
    .action(async (options: RecommendOptions) => {
      const output = openSession(options, signal);
      const session = await openBundle(options.bundle);
      const { vector, seen } = await tasteOf(session, options, output.context);
      const { count, tail = session.bundle.manifest.tailDefault } = options;
      const items = describeHits(session, await recommendItems(session.index, vector, { count, tail, exclude: seen }));
      const { user, items: taken, userAttributes } = options;
      output.answer({ user, items: taken, userAttributes, tail, recommended: items }, (style) =>
        listLines(items, style),
      );
    });
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
