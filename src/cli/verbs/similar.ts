/** `tailrec similar`: the nearest items of one item; with --compare, another model's list beside it. */
import { type Command, Option } from "commander";
import { TailrecError } from "../../errors.ts";
import { similarFromStore } from "../../serving/push/similar-from-store.ts";
import { openRecommender } from "../../serving/recommender.ts";
import type { ListedItem } from "../../serving/requests/listed-items.ts";
import { type ComparedModel, comparedModels } from "../../serving/requests/similar-request.ts";
import { headline, listLines } from "../answers/item-lists.ts";
import { rulesIn } from "../rules.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import {
  addRuleOptions,
  addStoreOptions,
  addVerb,
  countOption,
  type RuleArguments,
  type StoreArguments,
} from "../verb.ts";

interface SimilarOptions extends CommonOptions, RuleArguments, StoreArguments {
  readonly bundle?: string;
  readonly from?: string;
  readonly item: string;
  readonly count: number;
  readonly compare?: ComparedModel;
}

export function addSimilar(program: Command, signal: AbortSignal): void {
  const command = addVerb(program, "similar", "List the items nearest to an item.", [
    "tailrec similar --bundle out/shop/bundle --item P00042",
    "tailrec similar --bundle out/shop/bundle --item P00042 --compare als",
    `tailrec similar --bundle out/shop/bundle --item P00042 --filter '{"price":{"$lt":40}}'`,
    "tailrec similar --from sqlite:out/shop/items.db --item P00042",
  ])
    .option("--bundle <folder>", "bundle that `tailrec run` wrote")
    .option("--from <url>", "vector store that `tailrec push` filled, in place of a bundle")
    .requiredOption("--item <id>", "the item's id")
    .addOption(countOption())
    .addOption(
      new Option(
        "--compare <model>",
        "show the list of behaviour alone (als) or of content alone (prior) beside it",
      ).choices(comparedModels),
    );
  addStoreOptions(addRuleOptions(command)).action(
    async ({ bundle, from, item, count, compare, filter, rules, strict, ...options }: SimilarOptions) => {
      const output = openSession(options, signal);
      if (bundle === undefined) {
        const { collection, secretFile, timeout: timeoutSeconds } = options;
        requireStore(from, { compare, rules });
        const answer = await similarFromStore({ from, item, count, filter, collection, secretFile, timeoutSeconds });
        output.answer(answer, (style) => listLines(answer.similar, style, answer));
        return;
      }
      const answer = await (await openRecommender(bundle)).similar({
        item,
        count,
        compare,
        filter,
        strict,
        ...(await rulesIn(rules)),
      });
      output.answer(answer, (style) => [
        style.bold(plainLine(headline(answer.item))),
        ...(answer.compare === undefined
          ? listLines(answer.similar, style, answer)
          : comparisonLines(answer.compare, answer.before ?? [], answer.similar, style)),
      ]);
    },
  );
}

/** A store has neither behaviour to compare with nor rules. */
function requireStore(
  from: string | undefined,
  { compare, rules }: Pick<SimilarOptions, "compare" | "rules">,
): asserts from is string {
  if (from === undefined) throw new TailrecError("INVALID_ARGUMENT", "expected --bundle or --from, received neither");
  if (compare === undefined && rules === undefined) return;
  throw new TailrecError("INVALID_ARGUMENT", "--compare and --rules need a bundle; leave them out, or name --bundle");
}

function comparisonLines(
  compared: ComparedModel,
  before: readonly ListedItem[],
  after: readonly ListedItem[],
  style: Style,
): string[] {
  const places = new Map(before.map(({ id }, place) => [id, place]));
  const rows = Array.from({ length: Math.max(before.length, after.length) }, (_, place) => [
    String(place + 1),
    ...sideOf(before[place]),
    ...sideOf(after[place]),
    after[place] === undefined ? "" : moveOf(places.get(after[place].id), place),
  ]);
  const side = (heading: string) => [
    { heading, flexible: true },
    { heading: "support", align: "right" as const },
  ];
  const columns = [
    { heading: "#", align: "right" as const },
    ...side(`before (${compared})`),
    ...side("after"),
    { heading: "" },
  ];
  const nothing = `${compared} has no vector for this item: it is like nothing there`;
  return [...formatTable(columns, rows, style), ...(before.length === 0 ? [style.faint(nothing)] : [])];
}

function sideOf(item: ListedItem | undefined): [string, string] {
  return item === undefined ? ["", ""] : [`${item.id} ${item.title}`, String(item.support)];
}

function moveOf(earlier: number | undefined, place: number): string {
  if (earlier === undefined) return "new";
  if (earlier === place) return "";
  return earlier > place ? `↑${earlier - place}` : `↓${place - earlier}`;
}
