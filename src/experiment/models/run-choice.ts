/**
 * What is chosen once for a whole run, on one training side that holds nothing that a protocol asks for: weights of blocks and shares
 * of fields, then, on an inner split of it, the settings of the hybrid with its regressor's, and options of other models that depend
 * on the data. Those are chosen by NDCG@10; the first of equals wins.
 */
import type { OptionChoice } from "../../baselines/model-kind.ts";
import { neighbourLists } from "../../baselines/neighbours.ts";
import type { FeatureBlock, FeatureMatrix } from "../../data/feature-matrix.ts";
import { leadingRanker, type ScoredContender } from "../../evaluation/ranking/scorer.ts";
import type { TrainingContext } from "../../hybrid/joint-training.ts";
import { chooseSettings, type HybridSettings } from "../../hybrid/settings/hybrid-settings.ts";
import { type InnerSplit, splitOrNone } from "../../hybrid/settings/inner-split.ts";
import { type AskedPanel, measureAll, measureOnPanel } from "../../hybrid/settings/panel.ts";
import { createHolder, once } from "../../once.ts";
import { createModelData, type Model, type ModelData, type TrainingSide } from "./model-data.ts";

export interface RunChoice {
  /** The blocks of the features, with the weights and shares that were learnt. */
  readonly blocks: () => Promise<readonly FeatureBlock[]>;
  readonly settings: () => Promise<HybridSettings>;
  /** The options of its grid with which the model does best; undefined for a model that has no choice. */
  readonly optionsOf: (model: Model) => Promise<unknown>;
  /** Work that asks for several of these: features and inner models stay in memory until it is done, and are made once. */
  readonly together: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface ChoosingSide extends Omit<TrainingSide, "settings" | "features"> {
  /** Of all items; with weights and shares of blocks that were learnt on this side before, where they are given. */
  readonly features: (weighed?: readonly FeatureBlock[]) => Promise<FeatureMatrix>;
}

/** Chooses on the side when somebody asks first. Where its interactions cannot be split once more, nothing tells options apart. */
export function createChoice(side: ChoosingSide, context: TrainingContext): RunChoice {
  const { train, options } = side;
  const known: { blocks?: FeatureMatrix["blocks"] } = {};
  const { hold, during } = createHolder();
  const features = hold(async () => {
    const made = await side.features(known.blocks);
    known.blocks = made.blocks;
    return made;
  });
  const blocks = async () => known.blocks ?? (await features()).blocks;
  const settings = once(async () => {
    const { split, data } = await inner();
    const parts = split && { split, als: data.als };
    return chooseSettings(train, await features(), options, { ...context, inner: parts });
  });
  const inner = hold(async (): Promise<InnerData> => {
    const split = splitOrNone(train, options.embeddings);
    const seen = split?.train ?? train;
    const data = createModelData({ ...side, features, settings, train: seen }, context);
    return { split, data: { ...data, neighbours: once(() => neighbourLists(seen)) } };
  });
  const chosen = new Map<string, Promise<unknown>>();
  const optionsOf = (model: Model): Promise<unknown> => {
    const known = chosen.get(model.name) ?? bestOptions(model, inner);
    chosen.set(model.name, known);
    return known;
  };
  return { blocks, settings, optionsOf, together: during };
}

interface InnerData {
  /** The inner split of a training side; absent where there is none. */
  readonly split?: InnerSplit;
  /** What models may ask for on its training side. */
  readonly data: ModelData;
}

async function bestOptions<O>(model: Model<O>, inner: () => Promise<InnerData>): Promise<O | undefined> {
  if (model.choice === undefined) return undefined;
  const [first] = model.choice.grid;
  const { split, data } = await inner();
  if (split === undefined) return first;
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
  mixture: async (model, { panel }) => (await measureOnPanel(panel, seenBy(model, panel))).objective,
  "cold-and-warm": async (model, split) => {
    const cold = await measureAll(split.cold, seenBy(model, split.cold));
    return Math.sqrt(cold * (await onWarm(model, split)));
  },
};

/** The model for a panel, whose row i is user `users[i]`. */
function seenBy({ name, score, factors }: ScoredContender, { users }: AskedPanel): ScoredContender {
  const ofUsers = (rows: Uint32Array) => rows.map((row) => users[row]);
  if (factors === undefined) return { name, score: (rows, into) => score(ofUsers(rows), into) };
  const { queries } = factors;
  const ofPanel = {
    ...queries,
    rows: users.length,
    take: (rows: Uint32Array, into?: Float32Array) => queries.take(ofUsers(rows), into),
  };
  return { name, ...leadingRanker({ ...factors, queries: ofPanel }) };
}
