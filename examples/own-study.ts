/** A study of one's own: a split, the hybrid and its rivals fitted by name on what it leaves to training, and a complete ranking. */
import {
  chooseSettings,
  evaluate,
  extractFeatures,
  fitContenders,
  formatReport,
  ingest,
  itemSupport,
  splitSimulatedLaunch,
} from "tailrec";

const { catalog, interactions } = await ingest({
  interactions: { path: "fixtures/shop/events.csv.gz", columns: { time: "timestamp" } },
  items: { path: "fixtures/shop/items.jsonl", attributes: [{ column: "category", kind: "category" }] },
});
const { train, test, launched } = splitSimulatedLaunch(interactions, { seed: 1 });

// Features know the items of the training side, and so do the settings: the test side is seen by nobody.
const trainingRows = [...itemSupport(train).entries()].flatMap(([item, n]) => (n > 0 ? [item] : []));
const { features } = await extractFeatures(catalog, { lexical: { dimension: 64 }, attributes: {} }, { trainingRows });
const options = { collaborative: { rank: 32 }, embeddings: { rounds: 0, channel: { dimension: 64 } } };
const settings = await chooseSettings(train, features, options);

const models = ["als", "als-calibrated", "content-knn", "hybrid"];
const { contenders } = await fitContenders(models, { train, features }, options, { settings });
const isLaunched = new Set(launched);
const flags = (wanted: boolean) =>
  Uint8Array.from({ length: train.columns }, (_, i) => +(isLaunched.has(i) === wanted));
const slices = [
  { name: "known", minimum: 0, maximum: Number.POSITIVE_INFINITY, items: flags(false) },
  { name: "launched", minimum: 0, maximum: Number.POSITIVE_INFINITY, items: flags(true) },
];
const report = await evaluate({ train, test, contenders, slices }, { metrics: ["ndcg@10"], resamples: 200 });
console.log(formatReport(report));
