/** A shop's rules: what they leave, what they say of a list that comes out short, and a filter of one request. Needs `npm run demo`. */
import { writeFile } from "node:fs/promises";
import { loadRules, openRecommender } from "tailrec";

const recommender = await openRecommender("out/shop/bundle");

// What a shop's stock system would export every hour: here, every item but each fourth.
const { ids } = recommender.bundle.catalog;
await writeFile("stock.txt", `${ids.filter((_, row) => row % 4 !== 0).join("\n")}\n`);
await writeFile(
  "rules.yaml",
  "- { kind: available, file: stock.txt }\n- { kind: cap, attribute: brand, maximum: 1 }\n",
);
const rules = [...(await loadRules("rules.yaml"))];

const { similar } = await recommender.similar({ item: "P00042", count: 5, rules });
console.log(
  "under rules:",
  similar.map(({ title }) => title),
);

const filter = { category: "notebook", price: { $lt: 8 } };
const { recommended, reason } = await recommender.recommend({ user: "U0007", count: 5, rules, filter, strict: false });
console.log(`${recommended.length} listed; ${reason ?? "the rules leave enough"}`);
await recommender.close();
