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
import type { RuleLedger } from "../../evaluation/report.ts";
import { summariseSplits } from "../../evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { rowOf, type SparseMatrix, takeRows, takeSparseRows } from "../../math/matrix.ts";
import { once } from "../../once.ts";
import { prepareRules, type ReadyRule } from "../../rules/prepared-rules.ts";
import type { RuleWorld } from "../../rules/rule-kind.ts";
import type { Rule } from "../../rules/rule-kinds.ts";
import { throwIfInterrupted } from "../../run-context.ts";
import { blockFinder } from "../../serving/block-finder.ts";
import { fallbackFinder, type Takers } from "../../serving/fallback-lists.ts";
import { createItemIndex, type ItemIndex } from "../../serving/item-index.ts";
import { ruleWorld } from "../../serving/rule-world.ts";
import { ruledAnswers } from "../../serving/ruled-answer.ts";
import { contentForLists } from "./list-content.ts";
import type { MeasurementContext, SplitSide } from "./split-sides.ts";
import type { Prepared } from "./training-features.ts";

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

/** One report over the splits. */
export async function ledgerOf(
  splits: readonly RankedSplit[],
  evaluation: ParsedEvaluationOptions,
  context: MeasurementContext,
): Promise<RuleLedger> {
  const { results, comparisons } = await summariseSplits(splits, ledgerOptions(evaluation), context);
  return { rows: splits[0].contenders, length: lengthOf(evaluation), results, comparisons };
}

/** The ranks of held-out items in the lists of every row. Errors: those of the rules. */
export async function rankUnderRules(
  input: Omit<EvaluationInput, "contenders">,
  split: Split,
  side: SplitSide,
  { ingested }: Prepared,
  { rules, evaluation }: LedgerRequest,
  context: MeasurementContext,
): Promise<RankedSplit> {
  const model = await side.data.hybrid();
  const fitted = ruleWorld({
    catalog: ingested.catalog,
    interactions: split.train,
    features: await side.data.features(),
    model,
  });
  const { launched = fitted.newItems() } = input;
  const world = { ...fitted, newItems: () => launched };
  const maker = {
    model,
    world,
    train: split.train,
    test: sampleRows(split.test, evaluation.users, evaluation.seed).test,
    userIds: ingested.userIds,
    count: lengthOf(evaluation),
  };
  const makeLists = listMaker(maker, context);
  const ready = await prepareRules(rules, world, { lists: "recommend", strict: true });
  const contenders = [await makeLists(NO_RULES, [])];
  for (const rule of ready) contenders.push(await makeLists(rule.name, [rule]));
  if (ready.length > 1) contenders.push(await makeLists(ALL_RULES, ready));
  const options = ledgerOptions(evaluation);
  const itemContent = await contentForLists(side.data, options, context);
  return measureSplit({ ...input, launched, itemContent, contenders }, options, context);
}

interface ListMaking {
  readonly model: HybridModel;
  readonly world: RuleWorld;
  readonly train: Split["train"];
  readonly test: SparseMatrix;
  readonly userIds: readonly string[];
  readonly count: number;
}

/** Users whose lists are made at once. */
const BLOCK = 1024;

/** Makes the list of every user with a held-out item under some rules. */
function listMaker({ model, world, train, test, userIds, count }: ListMaking, context: MeasurementContext) {
  const index = createItemIndex(model.embeddings.vectors);
  const takers: Takers = { interactions: train, userGroups: once(() => fitUserGroups(train, model.userVectors)) };
  const users = rowsWithTargets(test);
  return async (name: string, rules: readonly ReadyRule[]): Promise<ListedContender> => {
    const lists = new Map<number, readonly number[]>();
    for (let begin = 0; begin < users.length; begin += BLOCK) {
      throwIfInterrupted(context);
      const block = users.subarray(begin, begin + BLOCK);
      const answers = await blockLists({ index, block, rules, takers, model, world, train, userIds, count });
      for (const [i, { hits }] of answers.entries())
        lists.set(
          block[i],
          hits.map(({ row }) => row),
        );
      context.onProgress?.({ stage: `lists under ${name}`, done: begin + block.length, total: users.length });
    }
    return { name, lists: listsOf(train.rows, train.columns, lists) };
  };
}

interface ListBlock extends Omit<ListMaking, "test"> {
  readonly index: ItemIndex;
  readonly block: Uint32Array;
  readonly rules: readonly ReadyRule[];
  readonly takers: Takers;
}

function blockLists({ index, block, rules, takers, model, world, train, userIds, count }: ListBlock) {
  const queries = takeRows(model.userVectors, block);
  const normExponent = model.settings.tail;
  const owners = Array.from(block, (user, i) => ({
    history: train.indices.subarray(train.indptr[user], train.indptr[user + 1]),
    user: userIds[user],
    query: rowOf(queries, i),
    normExponent,
  }));
  return ruledAnswers({
    owners,
    rules,
    count,
    items: train.columns,
    find: blockFinder(index, { queries, exclude: takeSparseRows(train, block), normExponent }, world.spread),
    fallback: "popularity",
    findFallback: () => fallbackFinder(takers, "popularity", (place) => ({ exclude: owners[place].history })),
  });
}
