/** The protocols of a pipeline, one after the other: each splits the data, passes the leak gate, and measures the models. */
import type { PipelineConfig } from "../config.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import type { LeakFinding } from "../leaks/finding.ts";
import { leakChecksWith } from "../leaks/leak-checks.ts";
import { within } from "../run-context.ts";
import { checkData } from "./measurement/leak-gate.ts";
import type { Protocol, ProtocolResult } from "./measurement/protocol.ts";
import { type AskedProtocols, askedGroups, splitsOf } from "./measurement/protocol-splits.ts";
import { createSides } from "./measurement/split-sides.ts";
import type { Prepared } from "./measurement/training-features.ts";
import type { Model } from "./models/model-data.ts";
import { modelsWith } from "./models/model-kinds.ts";
import type { RunChoice } from "./models/run-choice.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { protocolsWith } from "./protocols/protocol-kinds.ts";
import { choiceFor } from "./settings-choice.ts";
import type { Stages } from "./stages.ts";

export interface MeasuredProtocol extends Omit<ProtocolResult, "fitted"> {
  readonly protocol: Protocol;
}

export interface Measurement {
  readonly measured: readonly MeasuredProtocol[];
  /** Findings about the data, then those of each protocol. */
  readonly leaks: readonly LeakFinding[];
  /** The last hybrid that was measured, and the name of its protocol; absent where it is not kept, or none took part. */
  readonly fit?: NonNullable<ProtocolResult["fitted"]> & { readonly protocol: string };
}

/** The parts of a pipeline that protocols measure with. */
export type MeasuredParts = Pick<
  PipelineConfig,
  "name" | "features" | "collaborative" | "regressor" | "embeddings" | "evaluation"
>;

/** What belongs to the run, not to a protocol. */
export interface RunParts {
  readonly choice: RunChoice;
  /** Whether the last protocol's hybrid outlives the measurement; the others' never do. */
  readonly keepsFit: boolean;
  readonly stages: Stages;
}

/** Every protocol that is asked for, in the order of the list. LEAK_FOUND before anything is fitted on a split that leaks. */
export async function measure(
  data: Prepared,
  { name: dataset, features, evaluation: asked, ...parts }: MeasuredParts,
  { choice, keepsFit, stages }: RunParts,
  context: PipelineContext,
): Promise<Measurement> {
  const { leaks, allowLeaks, models, metrics, listMetrics, tailSupport, users, resamples, seed, compare, rules } =
    asked;
  const options: AskedProtocols = asked;
  const gate = { checks: leakChecksWith(context), leaks, allowLeaks };
  const evaluation = { metrics, listMetrics, tailSupport, users, resamples, seed, compare };
  const ofData = checkData(data.ingested, gate);
  const measured: MeasuredProtocol[] = [];
  let fit: Measurement["fit"];
  for (const group of askedGroups(asked, protocolsWith(context))) {
    const splits = splitsOf(group, data.ingested, asked);
    const order = group.maker.order?.(splits[0]) ?? "random";
    const side = { features, fit: parts, models, seed, choice: choiceFor(order, parts.embeddings, choice) };
    const sideOf = createSides(data, side);
    const shared = {
      dataset,
      data,
      splits,
      sideOf,
      evaluation,
      features,
      gate,
      rules,
      tails: parts.embeddings.tailCandidates,
    };
    for (const protocol of group.protocols) {
      const run = { ...shared, name: protocol.name, options: options[protocol.option] };
      const work = () => protocol.measure(run, within(protocol.name, context));
      const { report, fitted, ...result } = await stages.time(protocol.name, work);
      if (keepsFit && fitted !== undefined) fit = { ...fitted, protocol: protocol.name };
      const words = { ...protocol.words(report), models: modelWords(report, modelsWith(context)) };
      measured.push({ ...result, report: { ...report, words }, protocol });
    }
  }
  return { measured, fit, leaks: [...ofData, ...measured.flatMap((result) => result.leaks)] };
}

/** What each model that takes part is. */
function modelWords({ results }: EvaluationReport, models: readonly Model[]): Record<string, string> {
  const names = new Set(results.map(({ model }) => model));
  return Object.fromEntries(models.flatMap(({ name, words }) => (names.has(name) ? [[name, words]] : [])));
}
