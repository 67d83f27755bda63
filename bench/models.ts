/**
 * `npm run bench:models [-- DATASET [MODEL ...] [--launches 1] [--question launch]]`: every model of the registry under two questions.
 * These are the next interaction of every user (`warm-tail`), and old and new items in one list (`launch`, three seeds). Options are
 * chosen as in a run, on what no question asks for. Writes bench/results/models.json and models.md; data sets, models and
 * questions not named keep their figures.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { FittedContender } from "../src/baselines/model-kind.ts";
import { loadPipeline, type PipelineConfig, pipelineSchema } from "../src/config.ts";
import type { FeatureMatrix } from "../src/data/feature-matrix.ts";
import type { LaunchSplit } from "../src/data/splits/launch-split.ts";
import { type Split, splitWarmTail } from "../src/data/splits/split.ts";
import { measureSplit } from "../src/evaluation/evaluate.ts";
import type { EvaluationInput } from "../src/evaluation/evaluation-input.ts";
import { summariseSplits } from "../src/evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../src/evaluation/summary/ranked-split.ts";
import { prepare } from "../src/experiment/inputs/preparation.ts";
import { featuresFor, type Prepared } from "../src/experiment/measurement/training-features.ts";
import { createModelData, type Model } from "../src/experiment/models/model-data.ts";
import { modelKinds } from "../src/experiment/models/model-kinds.ts";
import type { RunChoice } from "../src/experiment/models/run-choice.ts";
import { launch } from "../src/experiment/protocols/launch.ts";
import { choiceFor, choicesOf } from "../src/experiment/settings-choice.ts";
import { createStages } from "../src/experiment/stages.ts";
import { quantile } from "../src/math/statistics.ts";
import { once } from "../src/once.ts";
import { METRIC, type ModelFigure, reportModels } from "./models-report.ts";

const DATASETS = ["shop", "amazon-scientific", "movielens-small"];
const SEEDS = [1, 2, 3];
const RANGE = { minimum: 0, maximum: Number.POSITIVE_INFINITY };

const root = resolve(import.meta.dirname, "..");

interface Question {
  readonly protocol: "launch" | "warm-tail";
  readonly seed: number;
  readonly split: Split;
  readonly asked: Partial<EvaluationInput>;
  readonly features: () => Promise<FeatureMatrix>;
  /** That of the seed. */
  readonly choice: RunChoice;
}

interface Workplace {
  readonly dataset: string;
  readonly prepared: Prepared;
  readonly config: PipelineConfig;
  /** One a seed. */
  readonly choices: readonly RunChoice[];
}

async function measureDataset(
  dataset: string,
  named: readonly string[],
  launches: number,
  asked?: string,
): Promise<void> {
  const { config: given, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const evaluation = pipelineSchema.shape.evaluation.parse({ launch: {}, warmTail: {}, seeds: SEEDS, coldItems: null });
  const config = { ...given, evaluation };
  const context = { folder, cacheFolder: join(root, ".cache", "tailrec") };
  const stages = createStages();
  const prepared = await prepare(config, context, stages);
  const choices = choicesOf(prepared, config, context, stages);
  const place = { dataset, prepared, config, choices };
  const questions = questionsOf(place, launches).filter(({ protocol }) => protocol === (asked ?? protocol));
  for (const model of modelKinds.filter(({ name }) => named.length === 0 || named.includes(name))) {
    reportModels(dataset, await measureModel(model, questions, place));
  }
}

/** `count` launches, and the next interaction. */
function questionsOf({ prepared, config, choices }: Workplace, count: number): Question[] {
  const { interactions } = prepared.ingested;
  const { launch: ofLaunch, warmTail: ofNext } = config.evaluation;
  const questionOf = (protocol: Question["protocol"], seed: number, split: Split, asked = {}): Question => {
    const features = once(async () => (await featuresFor(prepared, split.train, config.features)).features);
    return { protocol, seed, split, asked, features, choice: choices[SEEDS.indexOf(seed)] };
  };
  // The latest interaction of a user is the same at every seed: one question.
  const next = splitWarmTail(interactions, { ...required(ofNext), seed: SEEDS[0] });
  const launches = SEEDS.slice(0, count).map((seed) => {
    const launched = launch.splits.split(interactions, { ...required(ofLaunch), seed });
    return questionOf("launch", seed, launched, partsOf(launched, interactions.columns));
  });
  return [...launches, questionOf("warm-tail", SEEDS[0], next)];
}

function required<T>(options: T | null | undefined): T {
  if (options === null || options === undefined) throw new Error("the question is not asked");
  return options;
}

/** What the launch protocol asks: known items, launched ones, and those of them without an interaction. */
function partsOf({ launched: rows }: LaunchSplit, items: number): Partial<EvaluationInput> {
  const launched = new Uint8Array(items);
  for (const row of rows) launched[row] = 1;
  const slices = [
    { name: "all", ...RANGE },
    { name: "known", ...RANGE, items: launched.map((flag) => 1 - flag) },
    { name: "launched", ...RANGE, items: launched },
    { name: "n=0", minimum: 0, maximum: 0, items: launched },
  ];
  return { slices, amongSlices: false, launched };
}

async function measureModel(model: Model, questions: readonly Question[], place: Workplace): Promise<ModelFigure[]> {
  const ranked: Record<Question["protocol"], RankedSplit[]> = { launch: [], "warm-tail": [] };
  const costs: { readonly seconds: number; readonly processorSeconds: number }[] = [];
  for (const question of questions) {
    if (model.knowsContent) await question.features();
    const begun = performance.now();
    const options = await question.choice.optionsOf(model);
    const chosen = (performance.now() - begun) / 1000;
    const named = `${place.dataset}, ${model.name}, ${question.protocol} ${question.seed}`;
    console.log(`${named}: ${JSON.stringify(options ?? {})}, chosen in ${chosen.toFixed(1)} s`);
    const [start, used] = [performance.now(), process.cpuUsage()];
    const contender = await fitOn(question, model, options, place);
    const { user, system } = process.cpuUsage(used);
    costs.push({ seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 });
    const { split, asked, protocol } = question;
    const input = { train: split.train, test: split.test, contenders: [contender], ...asked };
    const record = { kind: protocol, seed: question.seed };
    ranked[protocol].push(
      await measureSplit({ ...input, protocol: record }, { metrics: [METRIC], compare: { reference: null } }),
    );
  }
  const figures: ModelFigure[] = [
    costOf(
      "fit",
      model,
      costs.map(({ seconds }) => seconds),
    ),
    costOf(
      "fit, processor",
      model,
      costs.map(({ processorSeconds }) => processorSeconds),
    ),
  ];
  for (const [protocol, splits] of Object.entries(ranked)) {
    if (splits.length === 0) continue;
    const { results } = await summariseSplits(splits, { metrics: [METRIC], compare: { reference: null } });
    for (const { slice, candidates, metric, value, ci95 } of results) {
      const place = `${protocol}/${slice}/${candidates}`;
      figures.push({ case: place, engine: model.name, metric, value, unit: "", ci95, splits: splits.length });
    }
  }
  return figures;
}

/** The median fit. */
function costOf(place: string, { name }: Model, seconds: readonly number[]): ModelFigure {
  const value = quantile(
    [...seconds].sort((a, b) => a - b),
    0.5,
  );
  return { case: place, engine: name, metric: "seconds", value, unit: "s" };
}

/** Each model pays for all that it asks for, features apart. */
async function fitOn(
  { split, seed, protocol, features, choice }: Question,
  model: Model,
  options: unknown,
  { prepared, config }: Workplace,
): Promise<FittedContender> {
  const { collaborative, regressor, embeddings } = config;
  const side = {
    train: split.train,
    features,
    userAttributes: prepared.ingested.userAttributes,
    options: { collaborative, regressor, embeddings },
    seed,
    settings: choiceFor(protocol === "launch" ? launch.splits.order(split) : "latest", embeddings, choice).settings,
  };
  return model.fit(createModelData(side, {}), options);
}

const { values, positionals } = parseArgs({
  options: { launches: { type: "string", default: "3" }, question: { type: "string" } },
  allowPositionals: true,
});
const [dataset, ...named] = positionals;
for (const one of dataset === undefined ? DATASETS : [dataset]) {
  await measureDataset(one, named, Number(values.launches), values.question);
}
