/** An item that nobody has seen: a vector from its content, the items it is near, and who should hear of it. Needs `npm run demo`. */
import { openRecommender } from "tailrec";

const recommender = await openRecommender("out/shop/bundle");
const { items, vectors } = await recommender.embed({
  items: [
    {
      id: "N1",
      title: "Norrvik Cairn enamel mug, 400 ml",
      description: "A camping mug that survives the fire and the rucksack.",
      attributes: { category: "mug", brand: "Norrvik", price: 14 },
    },
  ],
});

const [mug] = items;
console.log(`${mug.title}: ${vectors.columns} numbers, uncertainty ${mug.uncertainty.toFixed(2)}, ${mug.caveats}`);
console.log("nearest known item:", mug.nearest?.title);
await recommender.close();
