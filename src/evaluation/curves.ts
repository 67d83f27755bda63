/**
 * What a metric does along a query-time setting: one ranking of the same targets a place, no refitting. The vectors of a place are made
 * when it is its turn; all places are summed up together, on the same resamples.
 */

import { type EvaluationContext, measureSplit } from "./evaluate.ts";
import type { EvaluationInput } from "./evaluation-input.ts";
import type { EvaluationOptions } from "./options.ts";
import type { Ranker } from "./ranking/scorer.ts";
import type { CurvePoint, ReportCurve } from "./report.ts";
import { summariseSplits } from "./summary/pooled-report.ts";
import type { RankedSplit } from "./summary/ranked-split.ts";

export interface CurveRequest {
  readonly kind: ReportCurve["kind"];
  readonly model: string;
  /** How the model ranks at each place, ascending. */
  readonly places: readonly CurvePlace[];
}

export interface CurvePlace {
  readonly at: number;
  readonly ranker: () => Ranker | Promise<Ranker>;
}

/** The first metric of `options` at every place, slice and candidate set. */
export async function measureCurve(
  { kind, model, places }: CurveRequest,
  input: Omit<EvaluationInput, "contenders">,
  { metrics, users, resamples, seed }: EvaluationOptions,
  context: EvaluationContext = {},
): Promise<ReportCurve> {
  const names = places.map(({ at }) => `${model} at ${kind} ${at}`);
  const options = { metrics: metrics?.slice(0, 1), users, resamples, seed };
  const ranked: RankedSplit[] = [];
  for (const [p, { ranker }] of places.entries()) {
    const contenders = [{ name: names[p], ...(await ranker()) }];
    ranked.push(await measureSplit({ ...input, contenders }, options, context));
  }
  const together = { ...ranked[0], contenders: names, targetRanks: ranked.flatMap(({ targetRanks }) => targetRanks) };
  const report = await summariseSplits([together], options, context, false);
  const points = report.results.map(({ model: name, slice, candidates, metric, value, ci95, n }): CurvePoint => {
    return { at: places[names.indexOf(name)].at, slice, candidates, metric, value, ci95, n };
  });
  return { kind, model, points };
}
