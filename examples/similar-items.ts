/** Similar items from a bundle: what is served, and what behaviour alone would list. Needs `npm run demo`. */
import { createItemIndex, openRecommender, similarItems } from "tailrec";

const recommender = await openRecommender("out/shop/bundle");
const { item, similar } = await recommender.similar({ item: "P00042", count: 5 });

// The same question to plain ALS, whose factors the bundle keeps.
const { catalog, model } = recommender.bundle;
const behaviour = createItemIndex(model.als.itemFactors);
const before = await similarItems(behaviour, catalog.ids.indexOf("P00042"), { count: 5 });

console.log(`${item.id} ${item.title}`);
console.log(
  "behaviour alone:",
  before.map(({ row }) => catalog.titles[row]),
);
console.log(
  "served:",
  similar.map(({ title }) => title),
);
await recommender.close();
