/**
 * A folder of files with a page that embeds new items in the browser, to be put on any host of files:
 *
 *   npm install --no-save onnxruntime-web
 *   npx tsx examples/browser/site.ts site
 *   npx http-server site
 *
 * A small model of the demo shop is fitted here: text vectors, ALS, and a ridge from one to the other.
 */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { extractFeatures, fitAls, fitRegressor, ingest, regressorToOnnx } from "tailrec";

const [, , site = "site"] = process.argv;
const encoder = "models/tailrec-text-small";
const { resolve } = createRequire(join(process.cwd(), "package.json"));

const { catalog, interactions } = await ingest({
  interactions: { path: "fixtures/shop/events.csv.gz" },
  items: { path: "fixtures/shop/items.jsonl", columns: { title: "title", description: "description" } },
});
const { features } = await extractFeatures(catalog, {
  text: { encoder: "tailrec-text-small" },
  lexical: null,
  attributes: null,
});
const { itemFactors } = await fitAls(interactions, { rank: 32 });
const support = new Uint32Array(catalog.ids.length);
for (const item of interactions.indices) support[item]++;
const regressor = await fitRegressor({ features, factors: itemFactors, support });

await mkdir(join(site, "lib"), { recursive: true });
await writeFile(join(site, "regressor.onnx"), regressorToOnnx(regressor));
await writeFile(join(site, "items.bin"), itemFactors.values);
await writeFile(join(site, "settings.json"), JSON.stringify({ titles: catalog.titles, maximumLength: 256 }));
await copyFile(join(encoder, "model.onnx"), join(site, "encoder.onnx"));
await copyFile(join(encoder, "tokenizer.json"), join(site, "tokenizer.json"));
for (const file of ["index.html", "page.js"]) await copyFile(join(import.meta.dirname, file), join(site, file));
const runtime = dirname(resolve("onnxruntime-web"));
for (const file of ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]) {
  await copyFile(join(runtime, file), join(site, "lib", file));
}
await copyFile(
  join(dirname(resolve("@huggingface/tokenizers")), "tokenizers.min.mjs"),
  join(site, "lib/tokenizers.min.mjs"),
);
console.log(`${site}: a page, an encoder and a regressor for ${catalog.ids.length} items`);
