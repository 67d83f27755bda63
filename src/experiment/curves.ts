/**
 * The curves of a report, from the vectors of the models that it measured; rescoring only. Tail dial: overall against tail, `als`
 * (which becomes `als-calibrated`) and `hybrid`, every setting that validation may choose from. Length: the hybrid cut to its first
 * 16, 32, 64, ... numbers along the score axes, users and items alike.
 */

import type { FittedContender, ServedVectors } from "../baselines/model-kind.ts";
import { measureCurve } from "../evaluation/curves.ts";
import type { EvaluationInput } from "../evaluation/evaluation-input.ts";
import type { EvaluationOptions } from "../evaluation/options.ts";
import { factorRanker } from "../evaluation/ranking/scorer.ts";
import type { ReportCurve } from "../evaluation/report.ts";
import { scaleNorms } from "../hybrid/norms.ts";
import { alongAxes, fitScoreAxes, leadingColumns } from "../hybrid/score-axes.ts";
import type { RunContext } from "../run-context.ts";

export interface CurveInput extends Omit<EvaluationInput, "contenders"> {
  readonly contenders: readonly FittedContender[];
}

/** What each protocol draws. */
export async function measureCurves(
  kind: string,
  { contenders, ...input }: CurveInput,
  options: EvaluationOptions & { readonly tails: readonly number[] },
  context: RunContext,
): Promise<ReportCurve[]> {
  const servedBy = (name: string) => contenders.find((contender) => contender.name === name)?.served;
  const sortedTails = [...new Set(options.tails)].sort((a, b) => a - b);
  const curves: ReportCurve[] = [];
  for (const model of kind === "warm-tail" ? ["als", "hybrid"] : []) {
    const served = servedBy(model);
    if (served === undefined) continue;
    const places = sortedTails.map((at) => ({ at, ...factorRanker(served.users, scaleNorms(served.items, at)) }));
    curves.push(await measureCurve({ kind: "tail-dial", model, places }, input, options, context));
  }
  const hybrid = servedBy("hybrid");
  if (hybrid === undefined) return curves;
  const places = await shortened(hybrid);
  return [...curves, await measureCurve({ kind: "length", model: "hybrid", places }, input, options, context)];
}

const LENGTHS = [16, 32, 64, 128, 256, 512];

async function shortened({ users, items, tail }: ServedVectors) {
  const axes = await fitScoreAxes(users, items);
  const lengths = [...LENGTHS.filter((length) => length < items.columns), items.columns];
  const turned = { users: await alongAxes(users, axes), items: await alongAxes(items, axes) };
  return lengths.map((at) => {
    const short = scaleNorms(leadingColumns(turned.items, at), tail);
    return { at, ...factorRanker(leadingColumns(turned.users, at), short) };
  });
}
