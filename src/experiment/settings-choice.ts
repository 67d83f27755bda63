/**
 * The choice of a run, one a seed of its splits. Its protocols and its bundle share it, so that what is measured is what is served. It is
 * made on the interactions that every protocol leaves to training at that seed, with features of these alone: no held-out pair has a say
 * in what measures it. A seed repeats the whole experiment, the choice too (decision 197). The bundle has the first seed's.
 */
import type { PipelineConfig } from "../config.ts";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import type { HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import { once } from "../once.ts";
import { type CommonTraining, commonTraining, validatingLike } from "./measurement/common-training.ts";
import type { HeldOutOrder } from "./measurement/protocol.ts";
import { featuresFor, type Prepared } from "./measurement/training-features.ts";
import { createChoice, type RunChoice } from "./models/run-choice.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { protocolsWith } from "./protocols/protocol-kinds.ts";
import type { Stages } from "./stages.ts";

/** One a seed, in the order of `evaluation.seeds`; one where it names none. The settings of all are chosen when somebody asks first. */
export function choicesOf(
  prepared: Prepared,
  config: Pick<PipelineConfig, "features" | "collaborative" | "regressor" | "embeddings" | "evaluation">,
  context: PipelineContext,
  stages: Stages,
): readonly RunChoice[] {
  const { seeds, modelOptions } = config.evaluation;
  const choices = (seeds ?? [undefined]).map((seed) => once(() => choiceAt(seed, prepared, config, context)));
  const settings = once(() =>
    stages.time("settings", async () => {
      const chosen: HybridSettings[] = [];
      for (const choice of choices) chosen.push(await choice().settings());
      return chosen;
    }),
  );
  return choices.map((choice, place) => ({
    blocks: () => stages.time("settings", () => choice().blocks()),
    settings: async () => (await settings())[place],
    optionsOf: (model) => {
      const given = modelOptions[model.name];
      const isOpen = given === undefined && model.choice !== undefined;
      return isOpen ? stages.time("settings", () => choice().optionsOf(model)) : Promise.resolve(given);
    },
    together: (work) => choice().together(work),
  }));
}

/** `seed`: one of `evaluation.seeds`; undefined for the splits of a pipeline that names none. */
function choiceAt(
  seed: number | undefined,
  prepared: Prepared,
  { features, collaborative, regressor, embeddings, evaluation }: Parameters<typeof choicesOf>[1],
  context: PipelineContext,
): RunChoice {
  const asked = seed === undefined ? evaluation : { ...evaluation, seeds: [seed] };
  const { train, order } = choosingSide(prepared, { evaluation: asked }, context);
  const side = {
    train,
    features: async (weighed?: readonly FeatureBlock[]) =>
      (await featuresFor(prepared, train, features, weighed)).features,
    userAttributes: prepared.ingested.userAttributes,
    options: { collaborative, regressor, embeddings: validatingLike(order, embeddings) },
    seed: evaluation.seed,
  };
  return createChoice(side, context);
}

/**
 * The choice for a protocol. What is held out at random in time has no order: nothing is forgotten there, unless the options say how
 * fast.
 */
export function choiceFor(
  order: HeldOutOrder,
  { recencyDecay }: PipelineConfig["embeddings"],
  choice: RunChoice,
): RunChoice {
  if (order === "latest" || recencyDecay !== "auto") return choice;
  return { ...choice, settings: once(async () => ({ ...(await choice.settings()), recencyDecay: 0 })) };
}

/** What all protocols leave to training, at every seed that is named. A protocol that cannot split the data and is not asked to holds nothing out. */
export function choosingSide(
  { ingested }: Prepared,
  { evaluation }: Pick<PipelineConfig, "evaluation">,
  context: PipelineContext,
): CommonTraining {
  try {
    return commonTraining(ingested, evaluation, protocolsWith(context));
  } catch (error) {
    const isUnasked = context.evaluate === false && error instanceof TailrecError && error.code === "NOT_ENOUGH_DATA";
    if (isUnasked) return { train: ingested.interactions, order: "auto" };
    throw error;
  }
}
