/**
 * Users' held-out items, ranked on every split of a protocol: the leak gate first, then the models of the training side, then one
 * report over all splits. Curves and the fitted hybrid are those of the first.
 */
import type { FittedContender } from "../../baselines/model-kind.ts";
import type { Split } from "../../data/splits/split.ts";
import { measureSplit } from "../../evaluation/evaluate.ts";
import type { EvaluationInput } from "../../evaluation/evaluation-input.ts";
import { sampleRows } from "../../evaluation/ranking/row-sample.ts";
import type { Contender } from "../../evaluation/ranking/scorer.ts";
import type { ReportCurve } from "../../evaluation/report.ts";
import { summariseSplits } from "../../evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { within } from "../../run-context.ts";
import { modelsWith } from "../models/model-kinds.ts";
import { type CurveInput, measureCurves } from "./curves.ts";
import { checkReport, checkSplit } from "./leak-gate.ts";
import { contentForLists } from "./list-content.ts";
import type { ProtocolResult, ProtocolRun, SplitFiles } from "./protocol.ts";
import { ledgerOf, type RuledSplit, rankUnderRules } from "./rule-ledger.ts";
import type { MeasurementContext, SplitSide } from "./split-sides.ts";
import { knownItems } from "./training-features.ts";

/** The splits of such protocols as files: what they are, with users' lists measured on their held-out part. */
export const splitsForUsers: SplitFiles<unknown, Split> = {
  written: (split) => ({ split }),
  asked: ({ train, test }) => ({ train, test }),
};

export interface UsersQuestion<S extends Split> {
  /** What is drawn from the vectors of the models. */
  readonly curves: readonly ReportCurve["kind"][];
  /** What is asked in place of the usual slices, each among the catalog and among its own items. */
  readonly asked?: (split: S) => AskedParts;
  /** Who takes part beside the models, in this protocol alone. */
  readonly rivals?: (models: readonly FittedContender[], split: S) => Promise<readonly Contender[]>;
}

export type AskedParts = Pick<EvaluationInput, "slices" | "amongSlices" | "launched">;

interface MeasuredSplit {
  readonly side: SplitSide;
  readonly leaks: readonly LeakFinding[];
  readonly input: CurveInput;
  readonly ranked: RankedSplit;
  /** The hybrid's lists under each rule; absent where no rules are measured. */
  readonly underRules?: RuledSplit;
}

export async function measureUsers<S extends Split>(
  run: ProtocolRun<unknown, S>,
  question: UsersQuestion<S>,
  { rankElsewhere, ...context }: MeasurementContext,
): Promise<ProtocolResult> {
  const { splits, evaluation, gate, tails } = run;
  const measured: MeasuredSplit[] = [];
  for (const [s, split] of splits.entries()) {
    measured.push(await measureOne(run, split, question, withinSplit(s, splits.length, context), rankElsewhere));
  }
  const [{ input, side }] = measured;
  const ranked = measured.map((one) => one.ranked);
  const report = await summariseSplits(ranked, evaluation, context);
  const underRules = measured.flatMap((one) => one.underRules ?? []);
  const ledger = underRules.length > 0 ? await ledgerOf(underRules, evaluation, context) : undefined;
  const curves = await measureCurves(question.curves, input, { evaluation, tails }, context);
  const levels = modelsWith(context).flatMap(({ name, knowsContent }) => (knowsContent ? [] : [name]));
  const leaks = [
    ...measured.flatMap((one) => one.leaks),
    ...checkReport({ report, test: splits[0].test, levels }, gate),
  ];
  const { hybrid } = await side.models();
  const fitted = hybrid && { model: hybrid, features: await side.features() };
  return { report: { ...report, curves, ...(ledger !== undefined && { ledger }) }, leaks, ranked, fitted };
}

/** LEAK_FOUND before anything is fitted on a split that leaks. */
async function measureOne<S extends Split>(
  { name, dataset, data, features, gate, sideOf, evaluation, rules }: ProtocolRun<unknown, S>,
  split: S,
  { asked, rivals }: UsersQuestion<S>,
  context: MeasurementContext,
  rankElsewhere: MeasurementContext["rankElsewhere"],
): Promise<MeasuredSplit> {
  const { train, test, description, coldItems } = split;
  const { catalog } = data.ingested;
  const fittedOn = knownItems(train);
  const leaks = await checkSplit(
    {
      protocol: name,
      train,
      test,
      order: String(description.order),
      coldItems,
      fittedOn,
      catalog,
      encoded: data.encoded,
      features,
    },
    gate,
    context,
  );
  const side = sideOf(split, train, context);
  const { contenders, settings, baselines } = await side.models();
  const itemContent = await contentForLists(side.data, evaluation, context);
  const protocol = { ...description, kind: name, settings, baselines };
  const input = { train, test, contenders, itemContent, dataset, protocol, ...asked?.(split) };
  const all = [
    ...contenders,
    ...((await rivals?.(contenders, { ...split, test: sampleRows(test, evaluation.users, evaluation.seed).test })) ??
      []),
  ];
  const ranked = await measureSplit({ ...input, contenders: all }, evaluation, { ...context, rankElsewhere });
  if (rules.length === 0) return { side, leaks, input, ranked };
  const underRules = await rankUnderRules(input, split, side, data, { rules, evaluation }, context);
  return { side, leaks, input, ranked, underRules };
}

/** The context whose progress says which split is measured, where there are several. */
export function withinSplit(place: number, count: number, context: MeasurementContext): MeasurementContext {
  return count === 1 ? context : within(`split ${place + 1} of ${count}`, context);
}
