/**
 * Warm-up: at every level of n the models are fitted anew on training data that hold the first n interactions of the warm-up items,
 * and ranked on the same targets. Features are made once, at the smallest level, whose training data
 * are part of every other's. Settings are those of the run.
 */
import { z } from "zod";
import { splitWarmUp, type WarmUpSplit, warmUpOptionsSchema } from "../../data/splits/warm-up-split.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import type { EvaluationInput } from "../../evaluation/evaluation-input.ts";
import type { ParsedEvaluationOptions } from "../../evaluation/options.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { joinWarmUp, type WarmUpLevelReports } from "../../evaluation/warm-up.ts";
import { warmUpWords } from "../../evaluation/warm-up-words.ts";
import type { HybridSettings } from "../../hybrid/settings/hybrid-settings.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { within } from "../../run-context.ts";
import { checkSplit } from "../measurement/leak-gate.ts";
import type { KnownNames, Protocol, ProtocolRun } from "../measurement/protocol.ts";
import type { MeasurementContext } from "../measurement/split-sides.ts";
import { knownItems } from "../measurement/training-features.ts";
import { fitModels } from "../models/fitted-models.ts";
import { createModelData, type ModelData } from "../models/model-data.ts";
import { modelsWith } from "../models/model-kinds.ts";
import type { RunChoice } from "../models/run-choice.ts";

const optionsSchema = ({ model }: KnownNames) =>
  warmUpOptionsSchema.extend({
    models: z
      .array(model)
      .min(1)
      .default(["als", "content-knn", "regression-mse", "hybrid"])
      .describe("who takes part: each is fitted once a level"),
  });

type WarmUpProtocolOptions = z.output<ReturnType<typeof optionsSchema>>;

export const warmUp = {
  name: "warm-up",
  option: "warmUp",
  schema: (names: KnownNames) =>
    optionsSchema(names)
      .nullable()
      .default(null)
      .describe("reveal the first n interactions of some items, n = 0, 1, 3, ...; {} to measure it, null to leave out"),
  splits: {
    option: "warmUp",
    repeated: false,
    split: (interactions, { models: _, ...options }: WarmUpProtocolOptions) => splitWarmUp(interactions, options),
    heldOut: ({ test }) => test,
  },
  asks: "users",
  measure: async (run, context) => {
    const [split] = run.splits;
    const leaks = await checkSmallest(run, split, context);
    const { data, choice } = run.sideOf(split, split.levels[0].train, context);
    const { dataset, evaluation, options } = run;
    return {
      report: await measureWarmUp({ split, data, choice, dataset, models: options.models, evaluation }, context),
      leaks,
    };
  },
  words: warmUpWords,
} as const satisfies Protocol<WarmUpProtocolOptions, WarmUpSplit>;

/** Items of which training sees nothing at the smallest level are cold, and may be copies of others like any cold item. */
function checkSmallest(
  { name, data, features, gate }: ProtocolRun<WarmUpProtocolOptions, WarmUpSplit>,
  split: WarmUpSplit,
  context: MeasurementContext,
): Promise<LeakFinding[]> {
  const [{ revealed, train }] = split.levels;
  const coldItems = revealed === 0 ? split.items : [];
  const fittedOn = knownItems(train);
  const { catalog } = data.ingested;
  const side = { protocol: name, train, test: split.test, order: "random", coldItems, fittedOn, catalog };
  return checkSplit({ ...side, encoded: data.encoded, features }, gate, context);
}

export interface WarmUpRequest {
  readonly split: WarmUpSplit;
  /** What models may ask for at the smallest level. */
  readonly data: ModelData;
  readonly choice: Pick<RunChoice, "optionsOf" | "together">;
  readonly dataset: string;
  readonly models: readonly string[];
  readonly evaluation: ParsedEvaluationOptions;
}

/** The report of all levels. */
export async function measureWarmUp(
  { split, data, choice, dataset, models, evaluation }: WarmUpRequest,
  context: MeasurementContext,
): Promise<EvaluationReport> {
  const levels: WarmUpLevelReports[] = [];
  let settings: HybridSettings | undefined;
  for (const { revealed, train } of split.levels) {
    const at = within(`n=${revealed}`, context);
    const fitted = await fitModels(models, createModelData({ ...data, train }, at), {
      kinds: modelsWith(context),
      choice,
    });
    settings = fitted.settings;
    const input = { train, test: split.test, contenders: fitted.contenders, dataset };
    levels.push({ revealed, reports: await measureLevel(input, split, evaluation, at) });
  }
  return joinWarmUp(levels, { ...split.description, unreached: split.unreached, settings });
}

/** The same targets against every item, and against the warm-up items alone. */
async function measureLevel(
  input: EvaluationInput,
  { items }: WarmUpSplit,
  { metrics, users, resamples, seed, compare }: ParsedEvaluationOptions,
  context: MeasurementContext,
): Promise<WarmUpLevelReports["reports"]> {
  const takesPart = input.contenders.some(({ name }) => name === compare.reference);
  const reference = takesPart ? compare.reference : null;
  const options = { metrics, users, resamples, seed, compare: { ...compare, reference } };
  const candidateFilter = new Uint8Array(input.train.columns);
  for (const item of items) candidateFilter[item] = 1;
  return {
    catalog: await evaluate({ ...input, slices: [] }, options, context),
    slice: await evaluate({ ...input, slices: [], candidateFilter }, options, context),
  };
}
