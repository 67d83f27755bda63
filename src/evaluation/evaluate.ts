/**
 * Offline evaluation by complete ranking: for every user with held-out items, all items not seen in training compete
 * (never a sample; Krichene and Rendle 2020), per slice of the targets' training support, against the whole catalog
 * and within the slice. Every figure is a mean over users with a bootstrap interval; differences are paired.
 */
import { setImmediate } from "node:timers/promises";
import { defaultSlices, type Slice } from "../data/slices.ts";
import { TailrecError } from "../errors.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { checkInput } from "./input-check.ts";
import { type Ranks, rankTargets } from "./measurement.ts";
import { type EvaluationOptions, evaluationOptionsSchema, type ParsedEvaluationOptions } from "./options.ts";
import { planRankings, type RankingTask } from "./ranking-tasks.ts";
import type { EvaluationReport, SliceRecord } from "./report.ts";
import type { Contender } from "./scorer.ts";
import { type Comparing, type Summary, summarise } from "./summary.ts";

export interface EvaluationInput {
  /** users x items; a user's training items never compete for that user, and support is counted here. */
  readonly train: SparseMatrix;
  /** users x items, no pair of it in `train`: the targets. */
  readonly test: SparseMatrix;
  readonly contenders: readonly Contender[];
  /** Besides `all`, which is always reported; `defaultSlices` when absent. */
  readonly slices?: readonly Slice[];
  /** A flag per item: 0 takes the item out of every race. The test set must hold no such item. */
  readonly candidateFilter?: Uint8Array;
  /** Named in the report. */
  readonly dataset?: string;
  /** How the split was made; copied into the report. */
  readonly protocol?: { readonly kind: string; readonly [key: string]: unknown };
}

/**
 * Ranks, measures and compares. Slices without a target are absent from the report.
 * INVALID_ARGUMENT: shapes that do not fit, a pair in both train and test, a score that is not finite.
 * NOT_ENOUGH_DATA: an empty test set.
 */
export async function evaluate(
  input: EvaluationInput,
  options: EvaluationOptions = {},
  context: RunContext = {},
): Promise<EvaluationReport> {
  const parsed = parseOptions(evaluationOptionsSchema, options, "evaluation");
  checkInput(input);
  const contenders = input.contenders.map(({ name }) => name);
  const comparing = comparingOf(parsed, contenders);
  const { races, tasks } = planRankings(input.train, input.test, input.slices ?? defaultSlices, input.candidateFilter);
  const ranks: Ranks[][] = [];
  for (const contender of input.contenders) {
    ranks.push(await rankTargets(contender, input.train, input.test, races, context));
  }
  const summaries: Summary[] = [];
  for (const [t, task] of tasks.entries()) {
    await setImmediate();
    throwIfInterrupted(context);
    const inRace = ranks.map((ofContender) => ofContender[task.race]);
    const { metrics } = parsed;
    summaries.push(summarise({ task, contenders, metrics, ranks: inRace, comparing, bootstrap: parsed }));
    context.onProgress?.({ stage: "bootstrap", done: t + 1, total: tasks.length });
  }
  return reportOf(input, tasks, summaries, parsed);
}

function comparingOf(
  { compare, metrics }: ParsedEvaluationOptions,
  contenders: readonly string[],
): Comparing | undefined {
  const reference = contenders.indexOf(compare.reference ?? "hybrid");
  const compared = (compare.metrics ?? metrics.slice(0, 1)).map((metric) =>
    placeOf(metric, metrics, "compare.metrics"),
  );
  if (compare.reference !== null) placeOf(compare.reference, contenders, "compare.reference");
  return reference < 0 ? undefined : { reference, metrics: compared };
}

function placeOf(name: string, names: readonly string[], option: string): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const expected = names.join(", ");
  throw new TailrecError("INVALID_OPTIONS", `evaluation: ${option}: expected one of ${expected}, received "${name}"`);
}

function reportOf(
  input: EvaluationInput,
  tasks: readonly RankingTask[],
  summaries: readonly Summary[],
  { resamples, seed }: ParsedEvaluationOptions,
): EvaluationReport {
  const slices = tasks.filter((task) => task.candidates === "catalog").map((task): SliceRecord => task.slice);
  return {
    dataset: input.dataset ?? "",
    protocol: { kind: "holdout", ...input.protocol, slices, bootstrap: { resamples, seed } },
    results: summaries.flatMap(({ results }) => results),
    comparisons: summaries.flatMap(({ comparisons }) => comparisons),
  };
}
