/**
 * A made catalog of any size, seeded: items of categories and brands with words that fit them, users with tastes, popularity falling
 * as a power law. Rows are written as they are made.
 */
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { literal } from "../src/data/ingest/tables/database.ts";
import { createRandom, type Random } from "../src/math/random.ts";

export interface ScaleSize {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  /** Wanted; what comes out is near. */
  readonly pairs: number;
  /** Pairs as a folder of Parquet files, not as one of text. */
  readonly isParquet?: boolean;
}

const K = 16;
const WORDS = 6000;
const SYLLABLES = "ka lo mi ter san vel dor pin ra quo bel tis gar nel zu fro".split(" ");
const MOST = 2000;

/** The folder of the catalog with its pipeline file, made where it is not there yet. */
export async function scaleCatalog(folder: string, size: ScaleSize): Promise<string> {
  const place = join(folder, size.name);
  const file = join(place, "pipeline.yaml");
  if (existsSync(file)) return file;
  const partial = `${place}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const random = createRandom(5);
  const { lines, vectors } = catalogOf(size, random);
  await pipeline(Readable.from(lines), createWriteStream(join(partial, "items.jsonl")));
  await pipeline(Readable.from(eventsOf(size, vectors, random)), createWriteStream(join(partial, "events.csv")));
  if (size.isParquet) await inParquet(partial);
  writeFileSync(join(partial, "pipeline.yaml"), size.isParquet ? PIPELINE.replace("events.csv", "events") : PIPELINE);
  rmSync(place, { recursive: true, force: true });
  renameSync(partial, place);
  return file;
}

/** The folder `events` in place of the text. */
async function inParquet(folder: string): Promise<void> {
  const [text, parts] = [join(folder, "events.csv"), join(folder, "events")];
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const rows = `read_csv(${literal(text)}, columns = {'user': 'VARCHAR', 'item': 'VARCHAR', 'time': 'BIGINT'})`;
  await connection.run(`COPY (FROM ${rows}) TO ${literal(parts)} (FORMAT parquet, FILE_SIZE_BYTES '64MB')`);
  connection.closeSync();
  instance.closeSync();
  rmSync(text);
}

const PIPELINE = `name: scale
output: out
data:
  interactions: { path: events.csv, columns: { user: user, item: item, time: time } }
  items:
    path: items.jsonl
    columns: { id: id, title: title, description: description }
    attributes: [ { column: category, kind: category }, { column: brand, kind: category }, { column: price, kind: price } ]
features: { text: { encoder: tailrec-text-small }, lexical: { dimension: 256 }, attributes: {} }
collaborative: { rank: 64 }
evaluation:
  coldItems: {}
  warmTail: {}
  models: [popularity, als, content-knn, regression-mse, hybrid]
`;

const vectorOf = (random: Random, scale = 1) => Float64Array.from({ length: K }, () => scale * random.normal());

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < K; d++) sum += a[d] * b[d];
  return sum;
}

const gumbel = (random: Random) => -Math.log(-Math.log(1 - random.next()));
const wordAt = (n: number) => [n, n >> 4, n >> 8].map((part) => SYLLABLES[part % 16]).join("");

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

/** Items near their category and brand, with the words that are nearest to them among a few hundred drawn. */
function catalogOf({ items }: ScaleSize, random: Random) {
  const categories = Array.from({ length: Math.max(20, Math.floor(items / 400)) }, () => vectorOf(random));
  const brands = Array.from({ length: Math.max(10, Math.floor(items / 200)) }, () => vectorOf(random, 0.6));
  const words = Array.from({ length: WORDS }, () => vectorOf(random));
  const kinds = Array.from({ length: items }, () => [random.integer(categories.length), random.integer(brands.length)]);
  const vectors = kinds.map(([category, brand]) => {
    const own = vectorOf(random, 0.6);
    return unit(own.map((value, d) => value + categories[category][d] + brands[brand][d]));
  });
  function* lines() {
    for (const [item, [category, brand]] of kinds.entries()) {
      const drawn = Array.from({ length: 300 }, () => random.integer(WORDS));
      const near = drawn
        .map((word) => ({ word, score: dot(vectors[item], words[word]) + gumbel(random) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 40)
        .map(({ word }) => wordAt(word + 17));
      const title = [wordAt(brand), ...near.slice(0, 5)].join(" ");
      const price = Math.exp(random.normal() + 3).toFixed(2);
      const description = near.slice(5).join(" ");
      const row = {
        id: `i${item}`,
        title,
        description,
        brand: `b${brand}`,
        category: `c${category}`,
        price: Number(price),
      };
      yield `${JSON.stringify(row)}\n`;
    }
  }
  return { lines: lines(), vectors };
}

/** Users take the items of a popular draw that suit them most. */
function* eventsOf({ users, items, pairs }: ScaleSize, vectors: readonly Float64Array[], random: Random) {
  const order = Uint32Array.from({ length: items }, (_, item) => item);
  random.shuffle(order);
  const cumulative = new Float64Array(items);
  for (let r = 0; r < items; r++) cumulative[r] = (cumulative[r - 1] ?? 0) + (r + 10) ** -0.9;
  const placeOf = placesOf(cumulative);
  const drawnBy = new Int32Array(items).fill(-1);
  const scores = new Float64Array(items);
  yield "user,item,time\n";
  for (let user = 0; user < users; user++) {
    const taste = unit(vectorOf(random));
    const heavy = (1 - random.next()) ** (-1 / 1.6) * (pairs / users) * 0.4;
    const size = Math.min(MOST, Math.max(3, Math.floor(heavy)));
    const drawn: number[] = [];
    for (let draw = 0; draw < 12 * size + 50; draw++) {
      const item = order[placeOf(random.next() * cumulative[items - 1])];
      if (drawnBy[item] === user) continue;
      drawnBy[item] = user;
      drawn.push(item);
    }
    for (const item of drawn) scores[item] = 6 * dot(vectors[item], taste) + gumbel(random);
    const taken = drawn.sort((a, b) => scores[b] - scores[a]).slice(0, size);
    const times = Array.from(taken, () => 1_600_000_000 + random.integer(30_000_000)).sort((a, b) => a - b);
    yield taken.map((item, p) => `u${user},i${item},${times[p]}\n`).join("");
  }
}

/** Finds the first place whose value is not below, between the ends of the part of equal width that the value lies in. */
function placesOf(ascending: Float64Array): (value: number) => number {
  const width = ascending[ascending.length - 1] / ascending.length;
  const first = new Uint32Array(ascending.length + 2);
  for (let part = 0, place = 0; part < first.length; part++) {
    while (place < ascending.length - 1 && ascending[place] < part * width * (1 - 1e-9)) place++;
    first[part] = place;
  }
  return (value) => {
    let place = first[Math.floor(value / width)];
    while (place < ascending.length - 1 && ascending[place] < value) place++;
    return place;
  };
}
