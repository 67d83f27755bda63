/** `tailrec push`: the items of a bundle into a vector store, in one step for its readers. */
import { type Command, Option } from "commander";
import { TailrecError } from "../../errors.ts";
import { type PushAnswer, pushBundle } from "../../serving/push/push-request.ts";
import { LEAST_RECALL, type StoreRecall } from "../../serving/push/store-recall.ts";
import { type Purpose, purposes } from "../../stores/store-kind.ts";
import { storeKinds } from "../../stores/store-kinds.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import {
  addStoreOptions,
  addVerb,
  bundleOption,
  parseCount,
  parseIds,
  parseJson,
  parseShare,
  type StoreArguments,
} from "../verb.ts";

interface PushOptions extends CommonOptions, StoreArguments {
  readonly bundle: string;
  readonly to: string;
  readonly for: Purpose;
  readonly attributes?: readonly string[];
  readonly dimensions?: number;
  readonly moved?: number;
  readonly verify?: boolean;
  readonly verifyOnly?: boolean;
  readonly filter?: Readonly<Record<string, unknown>>;
}

export function addPush(program: Command, signal: AbortSignal): void {
  const command = addVerb(
    program,
    "push",
    "Put the items of a bundle into a vector store; readers see all old or all new.",
    [
      "tailrec push --bundle out/shop/bundle --to sqlite:out/shop/items.db --verify",
      "tailrec push --bundle out/shop/bundle --to postgresql://shop@localhost/shop --attributes brand,price",
      "tailrec push --bundle out/shop/bundle --to sqlite:out/shop/items.db --moved 0.05",
    ],
  )
    .addOption(bundleOption())
    .requiredOption("--to <url>", `address of the store: ${storeKinds.map(({ example }) => example).join(", ")}`)
    .addOption(
      new Option("--for <purpose>", "what the store is asked for: items like an item, or items for a user")
        .choices(purposes)
        .default("similar"),
    )
    .option("--attributes <names>", "attributes to store, separated by commas (default: all)", parseIds)
    .option("--dimensions <number>", "the first so many numbers of each vector", parseCount)
    .option(
      "--moved <share>",
      "send only items whose payload differs, or whose vector moved by more than this share of its length",
      parseShare,
    )
    .option("--verify", "hold what the store answers against the exact lists; fails below a recall of .98")
    .option("--verify-only", "the same without sending anything")
    .addOption(new Option("--filter <json>", "filter to verify with").argParser(parseJson));
  addStoreOptions(command).action(
    async ({ bundle, json, quiet, for: purpose, timeout: timeoutSeconds, verifyOnly, ...request }: PushOptions) => {
      const session = openSession({ json, quiet }, signal);
      const only = verifyOnly ? ("verify" as const) : undefined;
      const answer = await pushBundle(bundle, { ...request, purpose, timeoutSeconds, only }, session.context);
      session.answer(answer, () => linesOf(answer));
      requireRecall(answer);
    },
  );
}

function linesOf({ store, collection, metric, dimension, items, sent, version, notes, recall }: PushAnswer): string[] {
  return [
    `${items} items in ${store}, collection ${collection}, version ${version}; ${sent} were sent`,
    `vectors of ${dimension} numbers, near by the ${metric === "cosine" ? "cosine" : "inner product"}`,
    ...notes,
    ...(recall === undefined ? [] : recallLines(recall)),
  ];
}

function recallLines({ queries, plain, filtered, filter, filterShare, short }: StoreRecall): string[] {
  const share = `${(100 * filterShare).toFixed(1)} % of the items`;
  return [
    `recall@10 over ${queries} lists: ${plain.toFixed(3)}; with ${JSON.stringify(filter).slice(0, 80)} (${share}): ${filtered.toFixed(3)}`,
    ...(short > 0 ? [`${short} lists came back short`] : []),
  ];
}

function requireRecall({ recall }: PushAnswer): void {
  if (recall === undefined || Math.min(recall.plain, recall.filtered) >= LEAST_RECALL) return;
  const message = `the store loses items: recall@10 ${recall.plain.toFixed(3)}, with a filter ${recall.filtered.toFixed(3)}, wanted ${LEAST_RECALL}; widen its search or its index`;
  throw new TailrecError("STORE_FAILED", message);
}
