/**
 * The curves of a report, from the vectors of the models that it measured; rescoring only. Tail dial: overall against tail, `als`
 * (which becomes `als-calibrated`) and `hybrid`, every setting that validation may choose from. Length: the hybrid cut to its first
 * 16, 32, 64, ... numbers along the score axes, users and items alike.
 */

import type { FittedContender, ServedVectors } from "../../baselines/model-kind.ts";
import { type CurveRequest, measureCurve } from "../../evaluation/curves.ts";
import type { EvaluationContext } from "../../evaluation/evaluate.ts";
import type { EvaluationInput } from "../../evaluation/evaluation-input.ts";
import type { EvaluationOptions } from "../../evaluation/options.ts";
import { leadingRanker, queriesOf, queryRanker } from "../../evaluation/ranking/scorer.ts";
import type { ReportCurve } from "../../evaluation/report.ts";
import { normScales } from "../../hybrid/norms.ts";
import { alongAxes, fitScoreAxes, leadingColumns } from "../../hybrid/score-axes.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { takeRows } from "../../math/matrix.ts";

export interface CurveInput extends Omit<EvaluationInput, "contenders"> {
  readonly contenders: readonly FittedContender[];
}

export interface CurveOptions {
  readonly evaluation: EvaluationOptions;
  /** Places of the tail dial. */
  readonly tails: readonly number[];
}

type Drawn = Pick<CurveRequest, "places" | "rankers">;

type Draw = (served: ServedVectors, options: CurveOptions) => Drawn | Promise<Drawn>;

/** Whose curve each kind draws, and through which places. */
const DRAWN: Readonly<Record<ReportCurve["kind"], { readonly models: readonly string[]; readonly draw: Draw }>> = {
  "tail-dial": { models: ["als", "hybrid"], draw: alongDial },
  length: { models: ["hybrid"], draw: shortened },
};

/** The curves of these kinds, of the models that take part. */
export async function measureCurves(
  kinds: readonly ReportCurve["kind"][],
  { contenders, ...input }: CurveInput,
  options: CurveOptions,
  context: EvaluationContext,
): Promise<ReportCurve[]> {
  const curves: ReportCurve[] = [];
  for (const kind of kinds) {
    const { models, draw } = DRAWN[kind];
    for (const model of models) {
      const served = contenders.find(({ name }) => name === model)?.served;
      if (served === undefined) continue;
      const drawn = await draw(served, options);
      curves.push(await measureCurve({ kind, model, ...drawn }, input, options.evaluation, context));
    }
  }
  return curves;
}

function alongDial({ users, items }: ServedVectors, { tails }: CurveOptions) {
  const places = [...new Set(tails)].sort((a, b) => a - b);
  const queries = queriesOf(users);
  const rankers = places.map((at) => queryRanker(queries, items, defaultBackend(), normScales(items, at)));
  return { places, rankers };
}

const LENGTHS = [16, 32, 64, 128, 256, 512];

async function shortened({ users, items, tail }: ServedVectors) {
  const axes = await fitScoreAxes(users, items);
  const places = [...LENGTHS.filter((length) => length < items.columns), items.columns];
  const turned = await alongAxes(items, axes);
  const { rows, columns } = users;
  const queries = {
    rows,
    columns,
    take: (asked: Uint32Array, into?: Float32Array) => alongAxes(takeRows(users, asked, into), axes),
  };
  const rankers = places.map((length) => {
    const scales = normScales(leadingColumns(turned, length), tail);
    return leadingRanker({ queries, items: turned, itemScale: scales, length, backend: defaultBackend() });
  });
  return { places, rankers };
}
