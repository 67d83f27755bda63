/**
 * `npm run bench:neighbours [-- --items 100000,1000000]`: search by way of a graph (usearch) against the exact one. Vectors of 64 numbers
 * are made, around centres and of many lengths. Figures are recall of the best ten, milliseconds a query, and what building costs.
 */
import { statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildGraph } from "../src/math/compute/search/neighbour-graph.ts";
import { sharedMatrix } from "../src/math/compute/shared-memory.ts";
import { type Matrix, rowOf, zeros } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";
import { createItemIndex, type ItemIndex, searchIndex } from "../src/serving/ranking/item-index.ts";

const COLUMNS = 64;
const QUERIES = 200;
const COUNT = 10;

const { values } = parseArgs({ options: { items: { type: "string", default: "100000,1000000" } } });
const measured: Awaited<ReturnType<typeof measure>>[] = [];
for (const items of values.items.split(",").map(Number)) measured.push(await measure(items));
const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}`;
const results = join(import.meta.dirname, "results", "neighbours");
writeFileSync(`${results}.json`, `${JSON.stringify({ machine, measured }, null, 1)}\n`);
writeFileSync(`${results}.md`, page());
console.log(page());

/** Exponent 1 as for `similar`, 0.4 as for lists at a place of the tail dial. */
async function measure(items: number) {
  const vectors = sharedMatrix(madeVectors(items));
  const exact = createItemIndex(vectors);
  const rows = [];
  for (const normExponent of [1, 0.4]) {
    const before = process.memoryUsage.rss();
    const [cpu, started] = [process.cpuUsage(), performance.now()];
    const graph = await buildGraph(vectors, normExponent);
    const wall = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const memory = (process.memoryUsage.rss() - before) / 2 ** 20;
    const file = join(tmpdir(), `tailrec-neighbours-${process.pid}`);
    graph.save(file);
    const size = statSync(file).size / 2 ** 20;
    const [ofAll, near] = [await searches(exact, normExponent), await searches({ ...exact, graph }, normExponent)];
    const hits = near.lists.map((list, q) => list.filter((row) => ofAll.lists[q].includes(row)).length);
    const recall = hits.reduce((sum, count) => sum + count, 0) / (COUNT * QUERIES);
    rows.push({
      items,
      normExponent,
      recall,
      exactMs: ofAll.ms,
      graphMs: near.ms,
      wall,
      cpu: (user + system) / 1e6,
      memory,
      size,
    });
  }
  return rows;
}

async function searches(index: ItemIndex, normExponent: number) {
  const lists: number[][] = [];
  const step = Math.floor(index.vectors.rows / QUERIES);
  const started = performance.now();
  for (let q = 0; q < QUERIES; q++) {
    const hits = await searchIndex(index, rowOf(index.vectors, q * step), { count: COUNT, normExponent });
    lists.push(hits.map(({ row }) => row));
  }
  return { lists, ms: (performance.now() - started) / QUERIES };
}

function madeVectors(items: number): Matrix {
  const random = createRandom(9);
  const centres = Array.from({ length: 500 }, () => Float64Array.from({ length: COLUMNS }, () => random.normal()));
  const matrix = zeros(items, COLUMNS);
  for (let i = 0; i < items; i++) {
    const [centre, length] = [centres[random.integer(centres.length)], Math.exp(random.normal() / 2)];
    for (let d = 0; d < COLUMNS; d++) matrix.values[i * COLUMNS + d] = length * (centre[d] + 0.7 * random.normal());
  }
  return matrix;
}

function page(): string {
  const rows = measured.flat().map(({ items, normExponent, recall, exactMs, graphMs, wall, cpu, memory, size }) => {
    const cells = [recall.toFixed(3), exactMs.toFixed(2), graphMs.toFixed(2), wall, cpu, memory, size];
    return `| ${items.toLocaleString("en-US")} | ${normExponent} | ${cells.map((cell) => (typeof cell === "number" ? cell.toFixed(0) : cell)).join(" | ")} |`;
  });
  return `# Neighbours by a graph

Made by \`npm run bench:neighbours\` on ${machine}. Made vectors of ${COLUMNS} numbers, ${QUERIES} queries one after the other, the best ${COUNT}. One
thread builds the graph.

| items | exponent | recall@${COUNT} | exact, ms a query | graph, ms a query | build, s | CPU s | memory, MiB | file, MiB |
|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
