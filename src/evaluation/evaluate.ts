/**
 * Offline evaluation by complete ranking: for every user with held-out items, all items not seen in training compete
 * (never a sample; Krichene and Rendle 2020), per slice of the targets' training support, against the whole catalog
 * and within the slice. Every figure is a mean over users with a bootstrap interval; differences are paired.
 * Measuring a split and summing up are two steps, so that several splits can be pooled into one report.
 */
import { itemSupport } from "../data/interactions.ts";
import { defaultSlices } from "../data/slices.ts";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { checkInput, type EvaluationInput } from "./evaluation-input.ts";
import { contentDirections } from "./metrics/list-metric.ts";
import { deepestOf, type MetricExtensions, metricsWith } from "./metrics/metric-kinds.ts";
import { type EvaluationOptions, evaluationOptionsSchemaOf, type ParsedEvaluationOptions } from "./options.ts";
import { type RankingContext, rankContenders } from "./ranking/contender-ranks.ts";
import { planRankings } from "./ranking/ranking-tasks.ts";
import { sampleRows } from "./ranking/row-sample.ts";
import type { Contender } from "./ranking/scorer.ts";
import { createTieOrder } from "./ranking/tie-order.ts";
import type { EvaluationReport } from "./report.ts";
import { summariseSplits } from "./summary/pooled-report.ts";
import type { RankedSplit } from "./summary/ranked-split.ts";

/** May bring metrics of its own, which options then name. */
export interface EvaluationContext extends RankingContext, MetricExtensions {}

/**
 * Ranks, measures and compares. Slices without a target are absent from the report.
 * INVALID_ARGUMENT: shapes that do not fit, a pair in both train and test, a score that is not finite.
 * NOT_ENOUGH_DATA: an empty test set.
 */
export async function evaluate(
  input: EvaluationInput,
  options: EvaluationOptions = {},
  context: EvaluationContext = {},
): Promise<EvaluationReport> {
  return summariseSplits([await measureSplit(input, options, context)], options, context);
}

/** The ranks of one split; as `evaluate` throws. */
export async function measureSplit(
  input: EvaluationInput,
  options: EvaluationOptions = {},
  context: EvaluationContext = {},
): Promise<RankedSplit> {
  const metricKinds = metricsWith(context);
  const parsed = parseOptions(evaluationOptionsSchemaOf(metricKinds), options, "evaluation");
  checkInput(input);
  checkComparing(parsed, input.contenders);
  const { train, contenders, slices = defaultSlices, sliceBy = "target", candidateFilter, itemContent } = input;
  const { test, entries, asked, measured } = sampleRows(input.test, parsed.users, parsed.seed);
  const { support, users } = input.popularity ?? { support: itemSupport(train), users: train.rows };
  const { amongSlices, launched } = input;
  const tieOrder = createTieOrder(train.columns, parsed.seed);
  const rules = { sliceBy, tieOrder: tieOrder.rows, filter: candidateFilter, amongSlices };
  const plan = planRankings({ test, support, slices, ...rules });
  const listLength = deepestOf(parsed.listMetrics);
  const depth = Math.max(listLength, deepestOf(parsed.metrics));
  const request = { train, test, candidateSets: plan.candidateSets, tieOrder, depth, listLength };
  const targetRanks = await rankContenders(contenders, request, context);
  return {
    dataset: input.dataset ?? "",
    protocol: { kind: "holdout", ...input.protocol, ...sampleRecord(input, measured, asked, parsed.seed) },
    contenders: contenders.map(({ name }) => name),
    targetRanks,
    plan,
    test,
    support,
    population: users,
    targetWeights: weightsOf(input, entries, support),
    listLength,
    content: itemContent && contentDirections(itemContent),
    launched,
    metricKinds,
  };
}

/** How many of whom are measured; nothing where all are. */
function sampleRecord({ protocol }: EvaluationInput, measured: number, asked: number, seed: number) {
  if (measured === asked) return {};
  const rows = typeof protocol?.rows === "string" ? protocol.rows : "users";
  const [some, all] = [measured, asked].map((count) => count.toLocaleString("en-US"));
  return { sample: `${some} of ${all} ${rows}, seed ${seed}` };
}

/** Of the entries of the test set that are measured. */
function weightsOf({ test, targetWeights }: EvaluationInput, entries: Uint32Array, support: Uint32Array): Float64Array {
  return Float64Array.from(entries, (p) => targetWeights?.[p] ?? 1 / (support[test.indices[p]] + 1));
}

/** What would else be found out after hours of ranking. */
function checkComparing({ compare, metrics }: ParsedEvaluationOptions, contenders: readonly Contender[]): void {
  for (const metric of compare.metrics ?? []) requireKnown(metric, metrics, "compare.metrics");
  const names = contenders.map(({ name }) => name);
  if (compare.reference !== null) requireKnown(compare.reference, names, "compare.reference");
}

function requireKnown(name: string, names: readonly string[], option: string): void {
  if (names.includes(name)) return;
  const expected = names.join(", ");
  throw new TailrecError("INVALID_OPTIONS", `evaluation: ${option}: expected one of ${expected}, received "${name}"`);
}
