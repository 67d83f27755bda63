/** `tailrec similar`: the nearest items of one item; with --compare, another model's list beside it. */
import { type Command, Option } from "commander";
import { type BundleSession, openBundle } from "../serving/bundle-session.ts";
import { createItemIndex } from "../serving/item-index.ts";
import { similarItems } from "../serving/similar-items.ts";
import { describeHits, describeItem, headline, type ListedItem, listLines } from "./item-lists.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { plainLine, type Style } from "./style.ts";
import { formatTable } from "./table.ts";
import { addVerb, bundleOption, parseCount } from "./verb.ts";

type Compared = "als" | "prior";

interface SimilarOptions extends CommonOptions {
  readonly bundle: string;
  readonly item: string;
  readonly count: number;
  readonly compare?: Compared;
}

export function addSimilar(program: Command, signal: AbortSignal): void {
  addVerb(program, "similar", "List the items nearest to an item.", [
    "tailrec similar --bundle out/shop/bundle --item P0042",
    "tailrec similar --bundle out/shop/bundle --item P0042 --compare als",
  ])
    .addOption(bundleOption())
    .requiredOption("--item <id>", "the item's id")
    .option("--count <number>", "how many items to list", parseCount, 10)
    .addOption(
      new Option(
        "--compare <model>",
        "show the list of behaviour alone (als) or of content alone (prior) beside it",
      ).choices(["als", "prior"]),
    )
    .action(async (options: SimilarOptions) => {
      const output = openSession(options, signal);
      const session = await openBundle(options.bundle);
      const row = session.itemRow(options.item);
      const item = describeItem(session, row);
      const similar = describeHits(session, await similarItems(session.index, row, { count: options.count }));
      if (options.compare === undefined) {
        output.answer({ item, similar }, (style) => [
          style.bold(plainLine(headline(item))),
          ...listLines(similar, style),
        ]);
        return;
      }
      const { compare } = options;
      const before = describeHits(session, await similarBy(session, compare, row, options.count));
      output.answer({ item, compare, before, similar }, (style) => [
        style.bold(plainLine(headline(item))),
        ...comparisonLines(compare, before, similar, style),
      ]);
    });
}

/** The list of another model over the same items. An item without a vector there is like nothing: an empty list. */
async function similarBy({ bundle }: BundleSession, compared: Compared, row: number, count: number) {
  const { als, prior } = bundle.model;
  const index = createItemIndex(compared === "als" ? als.itemFactors : prior);
  return index.norms[row] === 0 ? [] : similarItems(index, row, { count });
}

function comparisonLines(
  compared: Compared,
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
