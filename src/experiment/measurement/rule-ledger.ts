/**
 * The ledger of rules: the hybrid's lists without rules, under each rule alone and under all, measured on one split by the same
 * protocol. What a rule costs is the paired difference in what users took; what it buys is in the figures of the lists.
 */
import { fitUserGroups } from "../../baselines/popular-in-cluster.ts";
import type { Split } from "../../data/splits/split.ts";
import { measureSplit } from "../../evaluation/evaluate.ts";
import type { EvaluationInput } from "../../evaluation/evaluation-input.ts";
import { partsOf } from "../../evaluation/metrics/metric-kinds.ts";
import type { ParsedEvaluationOptions } from "../../evaluation/options.ts";
import { listsOf } from "../../evaluation/ranking/reserved-places.ts";
import { sampleRows } from "../../evaluation/ranking/row-sample.ts";
import type { ListedContender } from "../../evaluation/ranking/scorer.ts";
import { rowsWithTargets } from "../../evaluation/ranking/target-ranks.ts";
import type { ExplorationTrial, RuleLedger } from "../../evaluation/report.ts";
import { summariseSplits } from "../../evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";
import { embeddingOptionsSchema } from "../../hybrid/embedding-options.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import { once } from "../../once.ts";
import { parseOptions } from "../../options.ts";
import { prepareRules } from "../../rules/prepared-rules.ts";
import type { Rule } from "../../rules/rule-kinds.ts";
import { throwIfInterrupted } from "../../run-context.ts";
import { createItemIndex } from "../../serving/ranking/item-index.ts";
import { ruleWorld } from "../../serving/rule-world.ts";
import { createBlindLaunch } from "./blind-launch.ts";
import { tryExploration } from "./exploration-trial.ts";
import { contentForLists } from "./list-content.ts";
import type { MeasurementContext, SplitSide } from "./split-sides.ts";
import type { Prepared } from "./training-features.ts";
import { type ListMaker, listsForUsers } from "./user-lists.ts";

/** The row without rules, and the one of all of them. */
export const NO_RULES = "no rules";
export const ALL_RULES = "all together";

export interface LedgerRequest {
  readonly rules: readonly Rule[];
  readonly evaluation: ParsedEvaluationOptions;
}

/** Figures of lists in every ledger, at the length of the first metric. */
const LIST_FIGURES = ["item-coverage", "tail-share", "launched-share", "diversity"];

/** The primary metric, and what the lists are like at the same length. */
export function ledgerOptions(evaluation: ParsedEvaluationOptions): ParsedEvaluationOptions {
  const [metric] = evaluation.metrics;
  const listMetrics = LIST_FIGURES.map((name) => `${name}@${lengthOf(evaluation)}`);
  return { ...evaluation, metrics: [metric], listMetrics, compare: { reference: NO_RULES, metrics: null } };
}

function lengthOf({ metrics: [metric] }: ParsedEvaluationOptions): number {
  return partsOf(metric).k ?? 10;
}

/** What rules do on one split. */
export interface RuledSplit {
  readonly ranked: RankedSplit;
  /** Absent where no rule explores, nothing is launched, or nobody takes what is. */
  readonly exploration?: ExplorationTrial;
}

/** One report over the splits; exploration is that of the first. */
export async function ledgerOf(
  splits: readonly RuledSplit[],
  evaluation: ParsedEvaluationOptions,
  context: MeasurementContext,
): Promise<RuleLedger> {
  const [{ ranked, exploration }] = splits;
  const all = splits.map((split) => split.ranked);
  const { results, comparisons } = await summariseSplits(all, ledgerOptions(evaluation), context);
  const ledger = { rows: ranked.contenders, length: lengthOf(evaluation), results, comparisons };
  return exploration === undefined ? ledger : { ...ledger, exploration };
}

/** The ranks of held-out items in the lists of every row, and the trial of exploration. Errors: those of the rules. */
export async function rankUnderRules(
  input: Omit<EvaluationInput, "contenders">,
  split: Split,
  side: SplitSide,
  { ingested }: Prepared,
  { rules, evaluation }: LedgerRequest,
  context: MeasurementContext,
): Promise<RuledSplit> {
  const { train } = split;
  const [model, features] = [await side.data.hybrid(), await side.data.features()];
  const fitted = ruleWorld({ ...ingested, interactions: train, features, model });
  const { launched = fitted.newItems() } = input;
  const maker: Omit<ListMaker, "index"> = {
    world: { ...fitted, newItems: () => launched },
    userVectors: model.userVectors,
    tail: model.settings.tail,
    train,
    takers: { interactions: train, userGroups: once(() => fitUserGroups(train, model.userVectors)) },
    userIds: ingested.userIds,
    count: lengthOf(evaluation),
  };
  const { test } = sampleRows(split.test, evaluation.users, evaluation.seed);
  const contenders = await contendersUnder(
    rules,
    { ...maker, index: createItemIndex(model.embeddings.vectors) },
    test,
    context,
  );
  const options = ledgerOptions(evaluation);
  const itemContent = await contentForLists(side.data, options, context);
  const ranked = await measureSplit({ ...input, launched, itemContent, contenders }, options, context);
  const explores = rules.some(({ kind }) => kind === "exploration");
  const { exposure } = parseOptions(embeddingOptionsSchema, side.data.options.embeddings ?? {}, "embeddings");
  const launch = input.launched && createBlindLaunch(model, features, exposure);
  if (!explores || launch === undefined) return { ranked };
  return { ranked, exploration: await tryExploration({ ...maker, test, launched, launch, rules }, context) };
}

/** Figures do not depend on the day of the run. */
function onOneDay(rule: Rule): Rule {
  return rule.kind === "exploration" ? { ...rule, day: rule.day ?? "2000-01-01" } : rule;
}

/** Users whose lists are made at once. */
const BLOCK = 1024;

/** The lists of every user with a held-out item: without rules, under each alone, and under all where there are several. */
async function contendersUnder(
  rules: readonly Rule[],
  maker: ListMaker,
  test: SparseMatrix,
  context: MeasurementContext,
): Promise<ListedContender[]> {
  const ready = await prepareRules(rules.map(onOneDay), maker.world, { lists: "recommend", strict: true });
  const rows = [{ name: NO_RULES, rules: [] }, ...ready.map((rule) => ({ name: rule.name, rules: [rule] }))];
  const all = ready.length > 1 ? [...rows, { name: ALL_RULES, rules: ready }] : rows;
  const users = rowsWithTargets(test);
  const contenders: ListedContender[] = [];
  for (const row of all) {
    const lists = new Map<number, readonly number[]>();
    for (let begin = 0; begin < users.length; begin += BLOCK) {
      throwIfInterrupted(context);
      const block = users.subarray(begin, begin + BLOCK);
      const made = await listsForUsers(maker, block, row.rules);
      for (const [i, hits] of made.entries())
        lists.set(
          block[i],
          hits.map((hit) => hit.row),
        );
      context.onProgress?.({ stage: `lists under ${row.name}`, done: begin + block.length, total: users.length });
    }
    contenders.push({ name: row.name, lists: listsOf(test.rows, test.columns, lists) });
  }
  return contenders;
}
