/** Vectors of your own model as a block of features: any function from items to vectors, such as a call to a service. */
import { createItemIndex, encodedBlock, extractFeatures, ingest, similarItems } from "tailrec";
import { z } from "zod";

const dimension = 64;

/** Stands for your model: every word of the title adds one to a place that its letters choose. */
function vectorOf(title: string): number[] {
  const vector = new Array<number>(dimension).fill(0);
  for (const word of title.toLowerCase().split(/\W+/)) {
    const place = Array.from(word).reduce((hash, letter) => (31 * hash + letter.charCodeAt(0)) % dimension, 7);
    vector[place]++;
  }
  return vector;
}

const hashedWords = encodedBlock({
  name: "hashedWords",
  schema: z
    .strictObject({ weight: z.number().positive().default(1) })
    .nullable()
    .default(null),
  words: { plural: "hashed words", missing: () => "no title" },
  encode: async ({ titles }) => {
    const vectors = { rows: titles.length, columns: dimension, values: Float32Array.from(titles.flatMap(vectorOf)) };
    const presence = Uint8Array.from(titles, (title) => (title === "" ? 0 : 1));
    // The digest names the version of the model: a bundle refuses vectors of another.
    return { block: { encoder: "hashed words", digest: "version 1", vectors, presence, reused: 0 }, failures: [] };
  },
});

const { catalog } = await ingest({
  interactions: { path: "fixtures/shop/events.csv.gz" },
  items: { path: "fixtures/shop/items.jsonl", columns: { title: "title" } },
});
const options = { lexical: null, attributes: null, hashedWords: {} };
const { features } = await extractFeatures(catalog, options, { blockKinds: [hashedWords] });

// `fitHybrid(interactions, features)` goes on from here. What the block knows shows in its neighbours:
const row = catalog.ids.indexOf("P00042");
const near = await similarItems(createItemIndex(features.values), row, { count: 3 });
console.log(
  catalog.titles[row],
  "is near",
  near.map((hit) => catalog.titles[hit.row]),
);
