/** Item vectors for a vector store: a CSV that pgvector copies in, and points as Qdrant takes them. Needs `npm run demo`. */
import { writeFile } from "node:fs/promises";
import { alongAxes, leadingColumns, loadBundle } from "tailrec";

const { catalog, model, axes } = await loadBundle("out/shop/bundle");
// Along the score axes the first numbers carry the most: 32 of them are a good shorter vector.
const { rows, columns, values } = leadingColumns(await alongAxes(model.embeddings.vectors, axes), 32);
const items = Array.from({ length: rows }, (_, row) => ({
  id: catalog.ids[row],
  title: catalog.titles[row],
  vector: Array.from(values.subarray(row * columns, (row + 1) * columns)),
}));

// create table items (id text primary key, title text, vector vector(32));
// \copy items from 'items.csv' with (format csv)
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const lines = items.map(({ id, title, vector }) => `${quoted(id)},${quoted(title)},"[${vector}]"`);
await writeFile("items.csv", `${lines.join("\n")}\n`);

// curl -X PUT localhost:6333/collections/items/points -H 'content-type: application/json' -d @points.json
const points = items.map(({ id, title, vector }, place) => ({ id: place, vector, payload: { item: id, title } }));
await writeFile("points.json", JSON.stringify({ points }));

console.log(`${rows} items of ${columns} numbers in items.csv and points.json`);
