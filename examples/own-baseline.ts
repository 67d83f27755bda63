/** A model of your own in the evaluation, beside ALS: any function from users to scores can take part. */
import {
  evaluate,
  factorRanker,
  fitAls,
  formatReport,
  ingest,
  popularity,
  type ScoredContender,
  splitWarmTail,
} from "tailrec";

const { catalog, interactions } = await ingest({
  interactions: { path: "fixtures/shop/events.csv.gz", columns: { time: "timestamp" } },
  items: { path: "fixtures/shop/items.jsonl", attributes: [{ column: "category", kind: "category" }] },
});
const { train, test } = splitWarmTail(interactions, { kind: "latest" });

// Scores an item by how many items of its category the user took.
const [category] = catalog.attributes;
const categories = category.kind === "category" ? category.values.map(([first]) => first) : [];
const favouriteCategory: ScoredContender = {
  name: "favourite-category",
  score: (users) => {
    const values = Array.from(users, (user) => {
      const taken = train.indices.subarray(train.indptr[user], train.indptr[user + 1]);
      const counts = new Map<string, number>();
      for (const item of taken) counts.set(categories[item], (counts.get(categories[item]) ?? 0) + 1);
      return categories.map((name) => counts.get(name) ?? 0);
    });
    return { rows: users.length, columns: train.columns, values: Float32Array.from(values.flat()) };
  },
};

const als = await fitAls(train, { rank: 32 });
const contenders = [
  favouriteCategory,
  popularity(train),
  { name: "als", ...factorRanker(als.userFactors, als.itemFactors) },
];
const report = await evaluate({ train, test, contenders, slices: [] }, { metrics: ["ndcg@10"], resamples: 200 });
console.log(formatReport(report));
