/**
 * `npm run bench:evaluate`: a full evaluation (ranks of every held-out item in the catalog and in its slice, five metrics, list figures,
 * 1,000 bootstrap resamples over users and over items) of one model given by its vectors. The large case is 140,000 users x 20,000 items
 * at rank 128; the small one, which the path of any other scorer (`stored-scores`) shares, says what the top-k kernel saves.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { evaluate } from "../src/evaluation/evaluate.ts";
import type { EvaluationInput } from "../src/evaluation/evaluation-input.ts";
import { type Contender, factorRanker, factorScorer } from "../src/evaluation/ranking/scorer.ts";
import { defaultBackend } from "../src/math/compute/backend.ts";
import type { Matrix, SparseMatrix } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";
import type { Figure } from "./figures.ts";

interface Size {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly rank: number;
}

const LARGE: Size = { name: "140,000 x 20,000, rank 128", users: 140_000, items: 20_000, rank: 128 };
const SMALL: Size = { name: "7,000 x 20,000, rank 128", users: 7_000, items: 20_000, rank: 128 };
const TRAINING = 30;
const HELD_OUT = 3;

/** Items drawn with popularity falling as 1 / (rank + 20): every slice of support has targets. */
function world({ users, items, rank }: Size): Omit<EvaluationInput, "contenders"> & { vectors: [Matrix, Matrix] } {
  const random = createRandom(1);
  const drawItem = () => Math.min(items - 1, Math.floor(20 * ((items / 20 + 1) ** random.next() - 1)));
  const rows = Array.from({ length: users }, () => {
    const drawn = new Set<number>();
    while (drawn.size < TRAINING + HELD_OUT) drawn.add(drawItem());
    return Uint32Array.from(drawn);
  });
  const side = (begin: number, end: number): SparseMatrix => {
    const width = end - begin;
    const indices = new Uint32Array(users * width);
    for (const [u, row] of rows.entries()) indices.set(row.slice(begin, end).sort(), u * width);
    const indptr = Uint32Array.from({ length: users + 1 }, (_, u) => u * width);
    return { rows: users, columns: items, indptr, indices, values: new Float32Array(users * width).fill(1) };
  };
  const vectors = (count: number): Matrix => ({
    rows: count,
    columns: rank,
    values: Float32Array.from({ length: count * rank }, () => random.normal()),
  });
  return {
    train: side(0, TRAINING),
    test: side(TRAINING, TRAINING + HELD_OUT),
    vectors: [vectors(users), vectors(items)],
  };
}

async function measure(
  size: Size,
  engine: string,
  contenderOf: (users: Matrix, items: Matrix) => Contender,
): Promise<Figure[]> {
  const { vectors, ...input } = world(size);
  const listMetrics = ["item-coverage@10", "gini@10", "novelty@10", "diversity@10", "tail-share@10"];
  const started = performance.now();
  const before = process.cpuUsage();
  const contenders = [contenderOf(...vectors)];
  await evaluate({ ...input, contenders, itemContent: vectors[1] }, { listMetrics });
  const { user, system } = process.cpuUsage(before);
  const figure = (metric: string, value: number, unit: string): Figure => ({
    case: size.name,
    engine,
    metric,
    value,
    unit,
  });
  return [
    figure("seconds", (performance.now() - started) / 1000, "s"),
    figure("cpuSeconds", (user + system) / 1e6, "s"),
    // The peak of the process so far: the cases run from small to large.
    figure("peakMemory", process.resourceUsage().maxRSS / 1024, "MiB"),
  ];
}

const figures = [
  ...(await measure(SMALL, "tailrec", (users, items) => ({ name: "model", ...factorRanker(users, items) }))),
  ...(await measure(SMALL, "stored-scores", (users, items) => ({ name: "model", score: factorScorer(users, items) }))),
  ...(await measure(LARGE, "tailrec", (users, items) => ({ name: "model", ...factorRanker(users, items) }))),
];
const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}, ${defaultBackend().name} kernel`;
const lines = [SMALL, LARGE].flatMap(({ name }) =>
  [...new Set(figures.filter((f) => f.case === name).map(({ engine }) => engine))].map((engine) => {
    const figureOf = (metric: string) =>
      figures.find((f) => f.case === name && f.engine === engine && f.metric === metric)?.value;
    return `| ${name} | ${engine} | ${figureOf("seconds")?.toFixed(1)} | ${figureOf("cpuSeconds")?.toFixed(1)} | ${figureOf("peakMemory")?.toFixed(0)} |`;
  }),
);
const text = `# Evaluation

Made by \`npm run bench:evaluate\` on ${machine}. One model, ${TRAINING} training and ${HELD_OUT} held-out items a user, complete rankings in the catalog and in five
slices, five metrics, five list figures, 1,000 bootstrap resamples over users and over items. Peak memory is the whole process's so far.

| case | engine | s | CPU s | peak MiB |
|---|---|---|---|---|
${lines.join("\n")}
`;
const folder = join(import.meta.dirname, "results");
writeFileSync(join(folder, "evaluate.json"), `${JSON.stringify(figures, null, 1)}\n`);
writeFileSync(join(folder, "evaluate.md"), text);
console.log(text);
