/**
 * The one choice of a run. Its protocols and its bundle share it, so that what is measured is what is served. It is made on the
 * interactions that every protocol leaves to training, with features of these alone: no held-out pair has a say in it.
 */
import type { PipelineConfig } from "../config.ts";
import { TailrecError } from "../errors.ts";
import { once } from "../once.ts";
import { type CommonTraining, commonTraining, validatingLike } from "./measurement/common-training.ts";
import type { HeldOutOrder } from "./measurement/protocol.ts";
import { featuresFor, type Prepared } from "./measurement/training-features.ts";
import { createChoice, type RunChoice } from "./models/run-choice.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { protocolsWith } from "./protocols/protocol-kinds.ts";
import type { Stages } from "./stages.ts";

/** Chosen when somebody asks first. */
export function choiceOf(
  prepared: Prepared,
  config: Pick<PipelineConfig, "features" | "collaborative" | "regressor" | "embeddings" | "evaluation">,
  context: PipelineContext,
  stages: Stages,
): RunChoice {
  const choice = once(() => {
    const { features, collaborative, regressor, embeddings, evaluation } = config;
    const { train, order } = choosingSide(prepared, config, context);
    const side = {
      train,
      features: async () => (await featuresFor(prepared, train, features)).features,
      userAttributes: prepared.ingested.userAttributes,
      options: { collaborative, regressor, embeddings: validatingLike(order, embeddings) },
      seed: evaluation.seed,
    };
    return createChoice(side, context);
  });
  return {
    settings: once(() => stages.time("settings", () => choice().settings())),
    optionsOf: (model) =>
      model.choice === undefined
        ? Promise.resolve(undefined)
        : stages.time("settings", () => choice().optionsOf(model)),
  };
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

/** What all protocols leave to training. A protocol that cannot split the data and is not asked to holds nothing out. */
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
