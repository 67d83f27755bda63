/**
 * Options of a model that depend on the data, chosen as the hybrid's settings are: by NDCG@10 on the same inner split of the
 * training data, never on a test target. The first of equals wins.
 */
import type { OptionChoice } from "../../baselines/model-kind.ts";
import { factorRanker, type ScoredContender } from "../../evaluation/ranking/scorer.ts";
import { type InnerSplit, splitValidation } from "../../hybrid/settings/inner-split.ts";
import { type AskedPanel, measureAll, measureOnPanel } from "../../hybrid/settings/panel.ts";
import { takeRows } from "../../math/matrix.ts";
import { createModelData, type Model, type ModelData } from "./model-data.ts";

/** The inner split of a training side, and what models may ask for on it. */
export interface InnerData {
  readonly split: InnerSplit;
  readonly data: ModelData;
}

/** NOT_ENOUGH_DATA when the interactions cannot be split once more. */
export function innerDataOf({ train, features, userAttributes, options, seed, context }: ModelData): InnerData {
  const split = splitValidation(train, options.embeddings);
  const side = { train: split.train, features, userAttributes, options, seed };
  return { split, data: createModelData(side, context) };
}

/** The options of the grid with which the model does best; undefined for a model that has no choice. */
export async function chooseOptions<O>(model: Model<O>, inner: () => InnerData): Promise<O | undefined> {
  if (model.choice === undefined) return undefined;
  const { split, data } = inner();
  const measure = MEASURES[model.choice.judgedOn];
  const figures: number[] = [];
  for (const options of model.choice.grid) figures.push(await measure(await model.fit(data, options), split));
  const best = figures.reduce((most, figure, i) => (figure > figures[most] ? i : most), 0);
  return model.choice.grid[best];
}

type Measure = (model: ScoredContender, split: InnerSplit) => Promise<number>;

const onWarm: Measure = async (model, { panel }) => (await measureOnPanel(panel, seenBy(model, panel))).known;

const MEASURES: Readonly<Record<OptionChoice<unknown>["judgedOn"], Measure>> = {
  warm: onWarm,
  "cold-and-warm": async (model, split) => {
    const cold = await measureAll(split.cold, seenBy(model, split.cold));
    return Math.sqrt(cold * (await onWarm(model, split)));
  },
};

/** The model for a panel, whose row i is user `users[i]`. */
function seenBy({ name, score, factors }: ScoredContender, { users }: AskedPanel): ScoredContender {
  if (factors === undefined) return { name, score: (rows) => score(rows.map((row) => users[row])) };
  return { name, ...factorRanker(takeRows(factors.queries, users), factors.items, factors.backend) };
}
