/**
 * What a metric does along a query-time setting: one ranking of the same targets a place, no refitting. All places are
 * summed up together, on the same resamples.
 */

import { type EvaluationContext, measureSplit } from "./evaluate.ts";
import type { EvaluationInput } from "./evaluation-input.ts";
import type { EvaluationOptions } from "./options.ts";
import type { Ranker } from "./ranking/scorer.ts";
import type { CurvePoint, ReportCurve } from "./report.ts";
import { summariseSplits } from "./summary/pooled-report.ts";

export interface CurveRequest {
  readonly kind: ReportCurve["kind"];
  readonly model: string;
  /** The places of the curve, ascending. */
  readonly places: readonly number[];
  /** How the model ranks at each. Where they share their products, those are computed once. */
  readonly rankers: readonly Ranker[];
}

/** The first metric of `options` at every place, slice and candidate set. */
export async function measureCurve(
  { kind, model, places, rankers }: CurveRequest,
  input: Omit<EvaluationInput, "contenders">,
  { metrics, users, resamples, seed }: EvaluationOptions,
  context: EvaluationContext = {},
): Promise<ReportCurve> {
  const names = places.map((at) => `${model} at ${kind} ${at}`);
  const options = { metrics: metrics?.slice(0, 1), users, resamples, seed };
  const contenders = rankers.map((ranker, p) => ({ name: names[p], ...ranker }));
  const ranked = await measureSplit({ ...input, contenders }, options, context);
  const report = await summariseSplits([ranked], options, context, false);
  const points = report.results.map(({ model: name, slice, candidates, metric, value, ci95, n }): CurvePoint => {
    return { at: places[names.indexOf(name)], slice, candidates, metric, value, ci95, n };
  });
  return { kind, model, points };
}
