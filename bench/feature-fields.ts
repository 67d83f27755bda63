/**
 * What sparse fields cost on a large catalog, in a process of its own: three fields of 50 entries an item (a title with its pairs of
 * words, a description, tags), their shares learnt, then a kernel ridge on their rows and its prediction for every item.
 */
import type { Catalog } from "../src/data/catalog.ts";
import { fitFeatures } from "../src/features/feature-space.ts";
import type { SparseMatrix } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";
import { sparseBuilder } from "../src/math/sparse-builder.ts";
import { fitRegressor, predictPrior } from "../src/regressor/regressor.ts";
import type { CacheFigure } from "./feature-cache.ts";

export interface FieldsRequest {
  readonly items: number;
}

const USERS = 5000;
const TAKEN = 60;
const RANK = 64;

const { items } = JSON.parse(process.argv[2]) as FieldsRequest;
const random = createRandom(1);
console.log(JSON.stringify(await measure()));

async function measure(): Promise<CacheFigure[]> {
  const [catalog, behaviour] = [wideCatalog(), randomBehaviour()];
  const before = cpuSeconds();
  const everyone = Array.from({ length: items }, (_, i) => i);
  const nothing = { blocks: {}, quarantine: [] };
  const options = { text: null, lexical: null, image: null, attributes: null, fields: {} };
  const { features } = await fitFeatures(catalog, nothing, everyone, options, { behaviour });
  const extracted = cpuSeconds();
  const values = Float32Array.from({ length: items * RANK }, () => random.normal());
  const data = { features, factors: { rows: items, columns: RANK, values }, support: new Uint32Array(items).fill(3) };
  const regressor = await fitRegressor(data, { kind: "kernel-ridge" });
  await predictPrior(regressor, features);
  const fitted = cpuSeconds();
  return [
    { metric: "entries", value: features.sparse?.indices.length ?? 0, unit: "" },
    { metric: "features, processor", value: extracted - before, unit: "s" },
    { metric: "regressor, processor", value: fitted - extracted, unit: "s" },
    { metric: "peak memory", value: process.resourceUsage().maxRSS / 1e6, unit: "GB" },
  ];
}

function wideCatalog(): Catalog {
  const rows = Array.from({ length: items }, (_, i) => i);
  // Log-uniform: the first words are common, most are rare.
  const words = (count: number, vocabulary: number) =>
    Array.from({ length: count }, () => `w${Math.floor(vocabulary ** random.next()).toString(36)}`);
  return {
    ids: rows.map(String),
    titles: rows.map(() => words(25, 20_000).join(" ")),
    descriptions: rows.map(() => words(50, 50_000).join(" ")),
    images: rows.map(() => null),
    attributes: [{ name: "tags", kind: "category", values: rows.map(() => words(50, 30_000)) }],
  };
}

function randomBehaviour(): SparseMatrix {
  const builder = sparseBuilder(USERS);
  for (let user = 0; user < USERS; user++) {
    const taken = new Set(Array.from({ length: TAKEN }, () => random.integer(items)));
    for (const item of [...taken].sort((a, b) => a - b)) builder.add(item, 1);
    builder.endRow();
  }
  return builder.build(items);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
