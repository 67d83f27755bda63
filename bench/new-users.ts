/**
 * `npm run bench:new-users`: do the attributes of users help those whom the shop has just met? 500 shoppers of the demo shop take no part
 * in the fit; of each, n = 0, 1, 3, 10 interactions are shown (nested, in one seeded order) and those beyond the tenth are the targets,
 * against the whole catalog. Users with attributes and without, and popularity, which is what a newcomer gets otherwise.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attribute } from "../src/data/catalog.ts";
import { createInteractions, type Interactions, itemSupport, takeInteractions } from "../src/data/interactions.ts";
import { solveUsers } from "../src/hybrid/user-prior.ts";
import { embedUsers } from "../src/hybrid/users.ts";
import { evaluate, extractFeatures, factorScorer, fitHybrid, ingest, loadPipeline, popularity } from "../src/index.ts";
import { createRandom } from "../src/math/random.ts";

const NEW_USERS = 500;
const MOST = 10;
const folder = join(import.meta.dirname, "results");

const { config, folder: base } = await loadPipeline(join(import.meta.dirname, "../pipelines/shop.yaml"));
const { catalog, interactions, userAttributes = [] } = await ingest(config.data, { folder: base });
const random = createRandom(1);
const order = Uint32Array.from({ length: interactions.rows }, (_, u) => u);
random.shuffle(order);
const [fresh, known] = [order.slice(0, NEW_USERS).sort(), order.slice(NEW_USERS).sort()];

const train = takeInteractions(interactions, known);
const support = itemSupport(train);
const trainingRows = [...support.keys()].filter((item) => support[item] > 0);
const content = { lexical: { dimension: 256 }, attributes: {} };
const { features } = await extractFeatures(catalog, content, { trainingRows });
const { collaborative, regressor, embeddings } = config;
const context = { userAttributes: attributesOf(known) };
const model = await fitHybrid(train, features, { collaborative, regressor, embeddings }, context);
const { als, settings, userPrior } = model;
const { vectors } = model.embeddings;
if (userPrior === undefined) throw new Error("the demo shop's users have attributes");

const histories = shuffledHistories(takeInteractions(interactions, fresh));
const test = interactionsFrom(histories.map((history) => history.slice(MOST)));
const figures: object[] = [];
for (const shown of [0, 1, 3, 10]) {
  const seen = interactionsFrom(histories.map((history) => history.slice(0, Math.min(shown, MOST))));
  const posterior = {
    interactions: seen,
    attributes: attributesOf(fresh),
    items: model.embeddings,
    als,
    prior: userPrior,
    settings,
  };
  const contenders = [
    { ...popularity(train), name: "popularity" },
    { name: "without", score: factorScorer(await embedUsers(seen, model.embeddings, als, settings), vectors) },
    { name: "with", score: factorScorer(await solveUsers(posterior), vectors) },
  ];
  const options = { metrics: ["ndcg@10"], compare: { reference: "with" } };
  const { results, comparisons } = await evaluate({ train: seen, test, contenders, slices: [] }, options);
  for (const { model: engine, value, ci95, n } of results) {
    figures.push({ case: `n=${shown}`, engine, metric: "ndcg@10", value, ci95, n });
    console.log(
      `n=${shown}  ${engine.padEnd(10)}  ${value.toFixed(4)}  [${ci95.map((end) => end.toFixed(4)).join(", ")}]  ${n} users`,
    );
  }
  const [{ difference, ci95 }] = comparisons.filter(({ b }) => b === "without");
  console.log(`      with - without: ${difference.toFixed(4)} [${ci95.map((end) => end.toFixed(4)).join(", ")}]`);
}
await writeFile(join(folder, "new-users.json"), `${JSON.stringify(figures, null, 1)}\n`);

function attributesOf(rows: Uint32Array): Attribute[] {
  return userAttributes.map((attribute) => {
    if (attribute.kind === "category") return { ...attribute, values: Array.from(rows, (u) => attribute.values[u]) };
    return { ...attribute, values: Float64Array.from(rows, (u) => attribute.values[u]) };
  });
}

interface Event {
  readonly user: number;
  readonly item: number;
  readonly value: number;
}

function shuffledHistories({ rows, indptr, indices, values }: Interactions): Event[][] {
  return Array.from({ length: rows }, (_, user) => {
    const history: Event[] = [];
    for (let p = indptr[user]; p < indptr[user + 1]; p++) history.push({ user, item: indices[p], value: values[p] });
    random.shuffle(history);
    return history;
  });
}

function interactionsFrom(rows: readonly (readonly Event[])[]): Interactions {
  const events = rows.flat();
  return createInteractions(NEW_USERS, catalog.ids.length, {
    users: events.map(({ user }) => user),
    items: events.map(({ item }) => item),
    values: events.map(({ value }) => value),
  });
}
