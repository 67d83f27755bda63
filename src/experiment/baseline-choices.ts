/**
 * Hyper-parameters of the baselines that depend on the data, chosen as the hybrid's are: by NDCG@10 on the same inner split of the training
 * data, never on a test target. Small grids around what the literature uses; the first of equals wins.
 */

import { contentRidge } from "../baselines/content-ridge.ts";
import { ease } from "../baselines/ease.ts";
import { itemKnn } from "../baselines/item-knn.ts";
import type { ContentRidgeOptions, EaseOptions, ItemKnnOptions, UserKnnOptions } from "../baselines/options.ts";
import { userKnn } from "../baselines/user-knn.ts";
import type { PipelineConfig } from "../config.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { Interactions } from "../data/interactions.ts";
import { factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { splitValidation } from "../hybrid/settings/inner-split.ts";
import { coldNdcg, overallNdcg, type Panel } from "../hybrid/settings/panel.ts";
import { takeRows } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import { contentOf } from "./content.ts";

/** Of the chosen baselines that take part, by name. */
export interface BaselineChoices {
  readonly "item-knn"?: ItemKnnOptions;
  readonly "user-knn"?: UserKnnOptions;
  readonly "content-ridge"?: ContentRidgeOptions;
  readonly ease?: EaseOptions;
}

const neighbourGrid = [50, 200].flatMap((neighbours) => [10, 0, 100].map((shrinkage) => ({ neighbours, shrinkage })));
const ridgeGrid = [0.1, 0.01].flatMap((unobservedWeight) =>
  [0.1, 1, 10].map((regularization) => ({ unobservedWeight, regularization })),
);
const easeGrid = [100, 10, 1000].map((regularization) => ({ regularization }));

interface Judged<O> {
  readonly options: O;
  readonly value: number;
}

/** Chooses for those baselines that the pipeline names. */
export async function chooseBaselines(
  train: Interactions,
  features: FeatureMatrix,
  { embeddings, evaluation }: Pick<PipelineConfig, "embeddings" | "evaluation">,
  context: RunContext,
): Promise<BaselineChoices> {
  const isAsked = (name: keyof BaselineChoices): boolean => evaluation.models.includes(name);
  if (!(["item-knn", "user-knn", "content-ridge", "ease"] as const).some(isAsked)) return {};
  const validation = splitValidation(train, embeddings);
  const inner = validation.train;
  const onWarm = async (model: ScoredContender): Promise<number> =>
    (await overallNdcg(validation.warm, [seenBy(model, validation.warm)]))[0];
  // Content alone must do for cold and for warm items: a gain in either counts as a share of it.
  const onBoth = async (model: ScoredContender): Promise<number> => {
    const [cold] = await coldNdcg(validation.cold, [seenBy(model, validation.cold)]);
    return Math.sqrt(cold * (await onWarm(model)));
  };
  const content = isAsked("content-ridge") ? contentOf(inner, features) : undefined;
  return {
    ...(isAsked("item-knn") && { "item-knn": await best(neighbourGrid, (o) => onWarm(itemKnn(inner, o))) }),
    ...(isAsked("user-knn") && { "user-knn": await best(neighbourGrid, (o) => onWarm(userKnn(inner, o))) }),
    ...(content && {
      "content-ridge": await best(ridgeGrid, async (o) => onBoth(await contentRidge(inner, content, o, context))),
    }),
    ...(isAsked("ease") && { ease: await best(easeGrid, async (o) => onWarm(await ease(inner, o))) }),
  };
}

/** The model for a panel, whose row i is user `users[i]`. */
function seenBy({ name, score, factors }: ScoredContender, { users }: Panel): ScoredContender {
  if (factors === undefined) return { name, score: (rows) => score(rows.map((row) => users[row])) };
  return { name, ...factorRanker(takeRows(factors.queries, users), factors.items, factors.backend) };
}

async function best<O>(grid: readonly O[], measure: (options: O) => Promise<number>): Promise<O> {
  const judged: Judged<O>[] = [];
  for (const options of grid) judged.push({ options, value: await measure(options) });
  return judged.reduce((most, other) => (other.value > most.value ? other : most)).options;
}
