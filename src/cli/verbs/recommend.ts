/** `tailrec recommend`: items for a known user, or for anyone who likes the given items; a fallback for ids that nobody knows. */
import { type Command, Option } from "commander";
import { type FallbackModel, fallbackModels } from "../../serving/ranking/fallback-lists.ts";
import { openRecommender } from "../../serving/recommender.ts";
import { listLines } from "../answers/item-lists.ts";
import { rulesIn } from "../rules.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import {
  addRuleOptions,
  addVerb,
  bundleOption,
  countOption,
  newPlacesOption,
  parseIds,
  parsePairs,
  type RuleArguments,
  tailOption,
} from "../verb.ts";

interface RecommendOptions extends CommonOptions, RuleArguments {
  readonly bundle: string;
  readonly user?: string;
  readonly items?: readonly string[];
  readonly userAttributes?: Readonly<Record<string, string>>;
  readonly count: number;
  readonly tail?: number;
  readonly newPlaces?: number;
  readonly fallback?: FallbackModel;
}

export function addRecommend(program: Command, signal: AbortSignal): void {
  const command = addVerb(
    program,
    "recommend",
    "List items for a user of the data, or for someone who likes the given items.",
    [
      "tailrec recommend --bundle out/shop/bundle --user U0007",
      "tailrec recommend --bundle out/shop/bundle --items P00042,P00107 --tail 0.6",
      "tailrec recommend --bundle out/shop/bundle --user U0007 --rules examples/rules.yaml --no-strict",
      "tailrec recommend --bundle out/shop/bundle --user-attributes segment=outdoors,age_group=30-44",
      "tailrec recommend --bundle out/shop/bundle --user U9999 --user-attributes segment=outdoors --fallback popular-in-cluster",
    ],
  )
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
    .addOption(countOption())
    .addOption(tailOption())
    .addOption(newPlacesOption())
    .addOption(
      new Option(
        "--fallback <model>",
        "for a --user whom the data do not know: what is taken most, by all or by the group nearest to --items and --user-attributes",
      ).choices(fallbackModels),
    );
  addRuleOptions(command).action(async ({ bundle, json, quiet, rules, ...request }: RecommendOptions) => {
    const output = openSession({ json, quiet }, signal);
    const answer = await (await openRecommender(bundle)).recommend(
      { ...request, ...(await rulesIn(rules)) },
      output.context,
    );
    const { user, items, userAttributes } = request;
    const { by, recommended } = answer;
    output.answer({ user, items, userAttributes, ...answer }, (style) => [
      ...(by === "hybrid" ? [] : [style.faint(`the data know no user "${user}"; listed by ${by}`)]),
      ...listLines(recommended, style, answer),
    ]);
  });
}
