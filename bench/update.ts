/**
 * `npm run bench:update [-- DATASET ...]`: what an update costs against a full run. The last tenth of the interactions is held out. Of what
 * came before it a bundle is fitted on the earlier part and brought forward by the rest, 1 to 40 % of the earlier; beside it stands
 * a full fit on both. NDCG@10 of what comes later, agreement of the lists with those of the full fit, and the drift that update reports.
 */
import { join, resolve } from "node:path";
import { loadPipeline, type PipelineConfig } from "../src/config.ts";
import { type FeatureMatrix, takeItems } from "../src/data/feature-matrix.ts";
import { ingest } from "../src/data/ingest/ingest.ts";
import { itemSupport } from "../src/data/interactions.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import { servedContender } from "../src/experiment/models/served-contender.ts";
import { type EncodedCatalog, encodeCatalog } from "../src/features/encode-catalog.ts";
import { applyFeatureSpace, type FeatureSpace, fitFeatureSpace } from "../src/features/feature-space.ts";
import { fitHybrid, type HybridModel } from "../src/hybrid/hybrid.ts";
import { updateHybrid } from "../src/hybrid/hybrid-update.ts";
import { chooseSettings, type HybridSettings } from "../src/hybrid/settings/hybrid-settings.ts";
import { replaceRows, rowOf } from "../src/math/matrix.ts";
import { driftOf } from "../src/serving/update/drift.ts";
import { type Figure, replaceFigures } from "./figures.ts";
import { type Arrival, type Arrivals, arrivalsOf, matrixOf } from "./update-data.ts";

const LATER = 0.1;
/** Users whose lists are compared. */
const ASKED = 500;
const LENGTH = 10;
const SHARES = [0.01, 0.05, 0.2];
/** Orders of arrival, and seeds of the fits: a figure is the mean over them. */
const DRAWS = [1, 2, 3];
const OTHER_SEED = 11;
const root = resolve(import.meta.dirname, "..");
const results = join(import.meta.dirname, "results", "update.json");

const named = process.argv.slice(2);
for (const dataset of named.length > 0 ? named : ["amazon-scientific", "movielens-small"]) {
  const figures = await measureDataset(dataset);
  replaceFigures(results, (figure) => figure.case.startsWith(`${dataset}/`), figures);
}

async function measureDataset(dataset: string): Promise<Omit<Figure, "unit">[]> {
  const { config, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const ingested = await ingest(config.data, { folder });
  const values = new Map<string, number[]>();
  const add = (figure: string, value: number): void => {
    values.set(figure, [...(values.get(figure) ?? []), value]);
  };
  let settings: HybridSettings | undefined;
  for (const draw of DRAWS) {
    const { collaborative } = config;
    const drawn = { ...config, collaborative: { ...collaborative, seed: draw } };
    const arrivals = arrivalsOf(ingested, draw);
    const encoding = { folder, cacheFolder: join(root, ".cache/tailrec") };
    const encoded = await encodeCatalog(arrivals.catalog, config.features, encoding);
    settings = await measureDraw({ arrivals, encoded, config: drawn }, settings, add);
  }
  return [...values].map(([figure, drawn]) => {
    const [name, engine, metric] = figure.split("|");
    const value = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    console.log(`${name.padEnd(8)}${engine.padEnd(24)}${metric.padEnd(20)}${value.toFixed(4)}`);
    return { case: `${dataset}/${name}`, engine, metric, value };
  });
}

/** One order of arrival; gives the settings back that its full run chose. */
async function measureDraw(
  moment: Moment,
  given: HybridSettings | undefined,
  add: (figure: string, value: number) => void,
): Promise<HybridSettings> {
  const { arrivals, config } = moment;
  const cut = Math.round((1 - LATER) * arrivals.events.length);
  const [now, later] = [arrivals.events.slice(0, cut), arrivals.events.slice(cut)];
  const { model: full } = await fitOn(now, moment, given);
  const reseeded = { ...config, collaborative: { ...config.collaborative, seed: OTHER_SEED } };
  const { model: again } = await fitOn(now, { ...moment, config: reseeded }, full.settings);
  const measure = async (share: number, engine: string, model: HybridModel): Promise<void> => {
    const { overlap, correlation } = await agreement(model, full, now);
    add(`${share}|${engine}|ndcg@10`, await ndcgOf(model, now, later));
    add(`${share}|${engine}|overlap@10`, overlap);
    add(`${share}|${engine}|rankCorrelation`, correlation);
  };
  await measure(0, "full run", full);
  await measure(0, "full run, other seed", again);
  for (const share of SHARES) {
    const early = now.slice(0, Math.round(now.length / (1 + share)));
    const base = await fitOn(early, moment, full.settings);
    const updated = await bringForward(base, early, now, moment);
    await measure(share, "update", updated);
    add(`${share}|update|drift`, driftOf(early.length, now.length));
    await measure(share, "no update", padded(base.model, now));
  }
  return full.settings;
}

interface Moment {
  readonly arrivals: Arrivals;
  readonly encoded: EncodedCatalog;
  readonly config: PipelineConfig;
}

/** How many users and items were known. */
function knownTo(events: readonly Arrival[]): { readonly users: number; readonly items: number } {
  const [users, items] = [new Set<number>(), new Set<number>()];
  let last = 0;
  for (const { user, item } of events) {
    users.add(user);
    items.add(item);
    last = Math.max(last, item);
  }
  return { users: users.size, items: last + 1 };
}

interface Fit {
  readonly model: HybridModel;
  readonly space: FeatureSpace;
}

/** A full run on some events, with settings of its own where none are given. */
async function fitOn(
  events: readonly Arrival[],
  { arrivals: { catalog }, encoded, config }: Moment,
  settings?: HybridSettings,
): Promise<Fit> {
  const { users, items } = knownTo(events);
  const behaviour = matrixOf(events, users, catalog.ids.length);
  const support = itemSupport(behaviour);
  const warm = Array.from(support.keys()).filter((item) => support[item] > 0);
  const space = await fitFeatureSpace(catalog, encoded, warm, config.features, { behaviour });
  const interactions = matrixOf(events, users, items);
  const features = firstRows(await applyFeatureSpace(space, catalog, encoded), items);
  const { collaborative, regressor, embeddings } = config;
  const options = { collaborative, regressor, embeddings };
  const chosen = settings ?? (await chooseSettings(interactions, features, options));
  return { space, model: await fitHybrid(interactions, features, options, { settings: chosen }) };
}

function firstRows(features: FeatureMatrix, count: number): FeatureMatrix {
  return takeItems(
    features,
    Array.from({ length: count }, (_, row) => row),
  );
}

async function bringForward(
  { model, space }: Fit,
  early: readonly Arrival[],
  now: readonly Arrival[],
  { arrivals: { catalog }, encoded, config }: Moment,
): Promise<HybridModel> {
  const { users, items } = knownTo(now);
  const known = model.embeddings.support.length;
  const added = now.slice(early.length);
  const newItems = Array.from({ length: items - known }, (_, i) => known + i);
  const change = {
    interactions: matrixOf(now, users, items),
    features: firstRows(await applyFeatureSpace(space, catalog, encoded), items),
    items: sortedSet([...newItems, ...added.map(({ item }) => item)]),
    users: sortedSet(added.map(({ user }) => user)),
  };
  return updateHybrid(model, change, config.embeddings);
}

function sortedSet(rows: readonly number[]): number[] {
  return [...new Set(rows)].sort((a, b) => a - b);
}

/** The model as it was: whoever and whatever came since is a zero. */
function padded(model: HybridModel, now: readonly Arrival[]): HybridModel {
  const { users, items } = knownTo(now);
  const { embeddings, userVectors } = model;
  return {
    ...model,
    embeddings: { ...embeddings, vectors: replaceRows(embeddings.vectors, items, [], embeddings.vectors) },
    userVectors: replaceRows(userVectors, users, [], userVectors),
  };
}

function served(model: HybridModel) {
  const { embeddings, userVectors, settings } = model;
  return servedContender("model", { users: userVectors, items: embeddings.vectors, tail: settings.tail });
}

async function ndcgOf(model: HybridModel, now: readonly Arrival[], later: readonly Arrival[]): Promise<number> {
  const { users, items } = knownTo(now);
  const train = matrixOf(now, users, items);
  const taken = new Set(now.map(({ user, item }) => user * items + item));
  const asked = later.filter(({ user, item }) => user < users && item < items && !taken.has(user * items + item));
  const test = matrixOf(asked, users, items);
  const contenders = [served(model)];
  const { results } = await evaluate({ train, test, contenders, slices: [] }, { metrics: ["ndcg@10"], resamples: 100 });
  return results[0].value;
}

/** Share of the first ten in common, and Spearman's correlation of all ranks: means over some users. */
async function agreement(model: HybridModel, full: HybridModel, now: readonly Arrival[]) {
  const { users } = knownTo(now);
  const asked = Math.min(ASKED, users);
  const rows = Uint32Array.from({ length: asked }, (_, i) => Math.floor((i * users) / asked));
  const [mine, others] = [await served(model).score(rows), await served(full).score(rows)];
  let [overlap, correlation] = [0, 0];
  for (let row = 0; row < rows.length; row++) {
    const [a, b] = [ranksOf(rowOf(mine, row)), ranksOf(rowOf(others, row))];
    const n = a.length;
    let [shared, squares] = [0, 0];
    for (let item = 0; item < n; item++) {
      if (a[item] < LENGTH && b[item] < LENGTH) shared++;
      squares += (a[item] - b[item]) ** 2;
    }
    overlap += shared / LENGTH / rows.length;
    correlation += (1 - (6 * squares) / (n * (n * n - 1))) / rows.length;
  }
  return { overlap, correlation };
}

function ranksOf(scores: Float32Array): Uint32Array {
  const order = Array.from(scores.keys()).sort((x, y) => scores[y] - scores[x] || x - y);
  const ranks = new Uint32Array(scores.length);
  for (const [rank, item] of order.entries()) ranks[item] = rank;
  return ranks;
}
