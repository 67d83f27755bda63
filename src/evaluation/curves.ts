/**
 * What a metric does along a query-time setting: one ranking of the same targets a place, no refitting. Vectors are made when it is
 * their turn; all places are summed up together, on the same resamples.
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
  /** The places of the curve, ascending. */
  readonly turns: readonly CurveTurn[];
}

/** Places that are ranked together: where they share their products, those are computed once. */
export interface CurveTurn {
  readonly places: readonly number[];
  /** How the model ranks at each. */
  readonly rankers: () => readonly Ranker[] | Promise<readonly Ranker[]>;
}

/** The first metric of `options` at every place, slice and candidate set. */
export async function measureCurve(
  { kind, model, turns }: CurveRequest,
  input: Omit<EvaluationInput, "contenders">,
  { metrics, users, resamples, seed }: EvaluationOptions,
  context: EvaluationContext = {},
): Promise<ReportCurve> {
  const nameAt = (at: number) => `${model} at ${kind} ${at}`;
  const options = { metrics: metrics?.slice(0, 1), users, resamples, seed };
  const ranked: RankedSplit[] = [];
  for (const { places, rankers } of turns) {
    const contenders = (await rankers()).map((ranker, p) => ({ name: nameAt(places[p]), ...ranker }));
    ranked.push(await measureSplit({ ...input, contenders }, options, context));
  }
  const places = new Map(turns.flatMap((turn) => turn.places.map((at) => [nameAt(at), at])));
  const together = {
    ...ranked[0],
    contenders: [...places.keys()],
    targetRanks: ranked.flatMap(({ targetRanks }) => targetRanks),
  };
  const report = await summariseSplits([together], options, context, false);
  const points = report.results.map(({ model: name, slice, candidates, metric, value, ci95, n }): CurvePoint => {
    return { at: places.get(name) ?? Number.NaN, slice, candidates, metric, value, ci95, n };
  });
  return { kind, model, points };
}
