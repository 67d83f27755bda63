/** The protocols of a pipeline, one after the other: each splits the data, passes the leak gate, and measures the models. */
import type { PipelineConfig } from "../config.ts";
import type { ParsedEvaluationOptions } from "../evaluation/options.ts";
import type { EvaluationReport, ReportWords } from "../evaluation/report.ts";
import type { RankedSplit } from "../evaluation/summary/ranked-split.ts";
import type { LeakFinding } from "../leaks/finding.ts";
import { leakChecksWith } from "../leaks/leak-checks.ts";
import { within } from "../run-context.ts";
import { checkData } from "./measurement/leak-gate.ts";
import type { Protocol, ProtocolResult, ProtocolRun } from "./measurement/protocol.ts";
import { type AskedProtocols, askedGroups, splitsOf } from "./measurement/protocol-splits.ts";
import { createSides, type MeasurementContext } from "./measurement/split-sides.ts";
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
  /** One a seed. */
  readonly choices: readonly RunChoice[];
  /** Whether the last protocol's hybrid outlives the measurement; the others' never do. */
  readonly keepsFit: boolean;
  readonly stages: Stages;
}

/** With who ranks, where this process does not. */
interface RankedContext extends PipelineContext, Pick<MeasurementContext, "rankElsewhere"> {}

/** Every protocol that is asked for, in the order of the list. LEAK_FOUND before anything is fitted on a split that leaks. */
export async function measure(
  data: Prepared,
  { name: dataset, features, evaluation: asked, ...parts }: MeasuredParts,
  { choices, keepsFit, stages }: RunParts,
  context: RankedContext,
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
    const { taking, leftOut } = participants(models, group.protocols, modelsWith(context));
    const bySplit = splits.map((_, place) => choiceFor(order, parts.embeddings, choices[place]));
    const side = { features, fit: parts, models: taking, seed, choices: bySplit };
    const shared = {
      dataset,
      data,
      splits,
      sideOf: createSides(data, splits, side),
      evaluation: comparable(evaluation, leftOut),
      features,
      gate,
      rules,
      tails: parts.embeddings.tailCandidates,
    };
    for (const protocol of group.protocols) {
      const run = { ...shared, name: protocol.name, options: options[protocol.option] };
      const found = await measureOne(protocol, run, leftOut, { keepsFit, stages }, context);
      measured.push(found.measured);
      fit = found.fit ?? fit;
    }
  }
  return { measured, fit, leaks: [...ofData, ...measured.flatMap((result) => result.leaks)] };
}

/** A function of its own: a loop that waits for the next protocol would hold what the last one fitted. */
async function measureOne(
  protocol: Protocol,
  run: ProtocolRun<unknown, unknown>,
  leftOut: readonly string[],
  { keepsFit, stages }: Pick<RunParts, "keepsFit" | "stages">,
  context: RankedContext,
): Promise<{ readonly measured: MeasuredProtocol; readonly fit: Measurement["fit"] }> {
  const work = () => protocol.measure(run, within(protocol.name, context));
  const { report, fitted, ranked, leaks } = await stages.time(protocol.name, work);
  const words = wordsOf(protocol, report, modelsWith(context), leftOut);
  const measured = { leaks, ranked: ranked?.map(withoutContent), report: { ...report, words }, protocol };
  return { measured, fit: keepsFit && fitted ? { ...fitted, protocol: protocol.name } : undefined };
}

/** The figures that needed the content are made. */
function withoutContent({ content: _, ...split }: RankedSplit): RankedSplit {
  return split;
}

/** Who takes part: where nothing is asked for but cold items, no model that needs behaviour. */
function participants(names: readonly string[], protocols: readonly Protocol[], models: readonly Model[]) {
  const asksColdItems = protocols.every((protocol) => protocol.asksColdItems === true);
  const needsBehaviour = (name: string) => models.find((model) => model.name === name)?.needsBehaviour === true;
  const leftOut = asksColdItems ? names.filter(needsBehaviour) : [];
  return { taking: names.filter((name) => !leftOut.includes(name)), leftOut };
}

/** Differences from a model that is left out are of no meaning: those from the usual one take their place. */
function comparable(evaluation: ParsedEvaluationOptions, leftOut: readonly string[]): ParsedEvaluationOptions {
  const { compare } = evaluation;
  const isLeftOut = compare.reference !== null && leftOut.includes(compare.reference);
  return isLeftOut ? { ...evaluation, compare: { ...compare, reference: null } } : evaluation;
}

function wordsOf(
  protocol: Protocol,
  report: EvaluationReport,
  models: readonly Model[],
  leftOut: readonly string[],
): ReportWords {
  const words = { ...protocol.words(report), models: modelWords(report, models) };
  if (leftOut.length === 0) return words;
  const finding = `Left out, with nothing to rank an item by that nobody took: ${leftOut.join(", ")}.`;
  return { ...words, findings: [...(words.findings ?? []), finding] };
}

/** What each model that takes part is. */
function modelWords({ results }: EvaluationReport, models: readonly Model[]): Record<string, string> {
  const names = new Set(results.map(({ model }) => model));
  return Object.fromEntries(models.flatMap(({ name, words }) => (names.has(name) ? [[name, words]] : [])));
}
