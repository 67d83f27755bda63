/** `tailrec lists`: similar items of all items and recommendations for all users, as files that a shop's pages read. */
import { type Command, Option } from "commander";
import { readIdLines } from "../../data/files/id-lines.ts";
import { requireOutsideInputs } from "../../data/files/output-paths.ts";
import type { WrittenLists } from "../../serving/lists/list-job.ts";
import { writeLists } from "../../serving/lists/nightly-lists.ts";
import { type FallbackModel, fallbackModels } from "../../serving/ranking/fallback-lists.ts";
import { rulesIn } from "../rules.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import {
  addRuleOptions,
  addVerb,
  bundleOption,
  countOption,
  newPlacesOption,
  parseIds,
  type RuleArguments,
  tailOption,
} from "../verb.ts";

interface ListsOptions extends CommonOptions, RuleArguments {
  readonly bundle: string;
  readonly similar?: string;
  readonly recommend?: string;
  readonly count: number;
  readonly tail?: number;
  readonly newPlaces?: number;
  readonly fallback?: FallbackModel;
  readonly items?: string;
  readonly users?: string;
  readonly segments?: readonly string[];
}

export function addLists(program: Command, signal: AbortSignal): void {
  const command = addVerb(
    program,
    "lists",
    "Write similar items of every item, and recommendations for every user, as files.",
    [
      "tailrec lists --bundle out/shop/bundle --similar similar.parquet --recommend recommended.jsonl",
      "tailrec lists --bundle out/shop/bundle --recommend recommended.csv --count 20 --tail 0.4",
      "tailrec lists --bundle out/shop/bundle --recommend segments.jsonl --segments segment,age_group",
      "tailrec lists --bundle out/shop/bundle --similar similar.parquet --rules examples/rules.yaml --no-strict",
    ],
  )
    .addOption(bundleOption())
    .option("--similar <file>", "file for the similar items of every item: .parquet, .jsonl or .csv")
    .option("--recommend <file>", "file for the recommendations for every user, likewise")
    .addOption(countOption())
    .addOption(tailOption())
    .addOption(newPlacesOption())
    .option("--items <file>", "ids of the items that get similar items, one a line (default: all)")
    .option("--users <file>", "ids of the users who get recommendations, one a line (default: all)")
    .option(
      "--segments <names>",
      "user attributes, separated by commas: recommendations for every combination of their values in place of users",
      parseIds,
    )
    .addOption(
      new Option(
        "--fallback <model>",
        "what fills users' places under --no-strict, or under rules that give way",
      ).choices(fallbackModels),
    );
  addRuleOptions(command).action(async ({ bundle, json, quiet, items, users, rules, ...request }: ListsOptions) => {
    const output = openSession({ json, quiet }, signal);
    const idFiles = [items, users, rules].filter((path) => path !== undefined);
    const outputs = [request.similar, request.recommend].filter((path) => path !== undefined);
    await requireOutsideInputs(outputs, idFiles);
    const asked = {
      ...(items !== undefined && { items: await readIdLines(items) }),
      ...(users !== undefined && { users: await readIdLines(users) }),
    };
    const written = await writeLists(bundle, { ...request, ...asked, ...(await rulesIn(rules)) }, output.context);
    output.answer(written, () => written.flatMap(linesOf));
  });
}

const WORDS = {
  similar: { what: "items", ids: "item ids" },
  recommend: { what: "users", ids: "user ids" },
  segments: { what: "segments", ids: "segments" },
} as const;

function linesOf({ kind, file, lists, unknown, short, filled, notes }: WrittenLists): string[] {
  const { what, ids } = WORDS[kind];
  return [
    `lists of ${lists} ${what} in ${file}`,
    ...(unknown.length === 0 ? [] : [`${unknown.length} ${ids} are not known, such as "${unknown[0]}"`]),
    ...(filled === 0 ? [] : [`${filled} lists were filled, since the rules leave too little`]),
    ...(short === 0 ? [] : [`${short} lists are shorter than asked for; their lines in .jsonl say why`]),
    ...notes,
  ];
}
