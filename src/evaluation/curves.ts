/** What a metric does along a query-time setting: one ranking of the same targets a place, no refitting. */

import { type EvaluationContext, evaluate } from "./evaluate.ts";
import type { EvaluationInput } from "./evaluation-input.ts";
import type { EvaluationOptions } from "./options.ts";
import type { Ranker } from "./ranking/scorer.ts";
import type { CurvePoint, ReportCurve } from "./report.ts";

export interface CurveRequest {
  readonly kind: ReportCurve["kind"];
  readonly model: string;
  /** How the model ranks at each place, ascending. */
  readonly places: readonly (Ranker & { readonly at: number })[];
}

/** The first metric of `options` at every place, slice and candidate set. */
export async function measureCurve(
  { kind, model, places }: CurveRequest,
  input: Omit<EvaluationInput, "contenders">,
  { metrics, resamples, seed }: EvaluationOptions,
  context: EvaluationContext = {},
): Promise<ReportCurve> {
  const names = places.map(({ at }) => `${model} at ${kind} ${at}`);
  const contenders = places.map((place, p) => ({ ...place, name: names[p] }));
  const report = await evaluate({ ...input, contenders }, { metrics: metrics?.slice(0, 1), resamples, seed }, context);
  const points = report.results.map(({ model: name, slice, candidates, metric, value, ci95, n }): CurvePoint => {
    return { at: places[names.indexOf(name)].at, slice, candidates, metric, value, ci95, n };
  });
  return { kind, model, points };
}
