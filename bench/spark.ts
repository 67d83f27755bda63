/**
 * `npm run bench:spark`: what a row costs on Spark against one process, ALS three ways on the same pairs, and the growth from one slot to
 * four. All in processor seconds. With these rates and those of other benchmarks it works out what a large shop would take.
 * Needs the environment that `npm run test:spark` makes. `-- --paper` only works out the shop anew, `-- --stage features` measures one stage
 * of items or lists, and keeps the other figures.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Figure, replaceFigures } from "./figures.ts";
import { largeShop } from "./spark-paper.ts";

const root = join(import.meta.dirname, "..");
const results = join(import.meta.dirname, "results");
const json = join(results, "spark.json");

const { values: asked } = parseArgs({ options: { paper: { type: "boolean" }, stage: { type: "string" } } });

const driverSchema = z.object({
  question: z.string(),
  rows: z.object({ users: z.number(), pairs: z.number() }),
  cpu: z.object({ solve: z.number(), evaluate: z.number(), als: z.number() }),
});
const sparkSchema = z.object({
  alone: z.record(z.string(), z.number()),
  perRow: z.record(z.string(), z.number()),
  start: z.record(z.string(), z.number()),
  als: z.record(z.string(), z.object({ cpu: z.number(), loss: z.number() })),
  growth: z.record(z.string(), z.object({ cpu: z.number(), rowsPerSecond: z.number() })),
});

const STAGES = ["inputs", "encode", "features", "solve", "evaluate", "lists"] as const;
/** Those that both sides measure in turns. */
const TURNED: readonly string[] = ["inputs", "encode", "features", "lists"];

/** The last line of what the program prints, as JSON. */
function answerOf(command: string, words: readonly string[], input = ""): unknown {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: root,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${command} ${words[0]} ended with ${status}: ${stderr.slice(-3000)}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

const python = join(root, "spark", ".venv", "bin", "python");

function withFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "tailrec-bench-spark-"));
  try {
    answerOf("npx", ["tsx", "bench/spark-jobs.ts", folder, "prepare"]);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Costs = Readonly<Record<string, number>>;

function stageFigures(stages: readonly string[], alone: Costs, perRow: Costs): readonly Figure[] {
  const unit = { metric: "cpuMicrosecondsPerRow", unit: "us" };
  return stages.flatMap((stage): Figure[] => [
    { case: stage, engine: "one process", value: 1e6 * alone[stage], ...unit },
    { case: stage, engine: "spark", value: 1e6 * perRow[stage], ...unit },
  ]);
}

function measureStage(stage: string): readonly Figure[] {
  if (!TURNED.includes(stage)) throw new Error(`--stage: expected one of ${TURNED.join(", ")}, received ${stage}`);
  return withFolder((folder) => {
    const { alone, perRow } = sparkSchema.parse(answerOf(python, ["bench/spark-stages.py", folder, stage]));
    return replaceFigures(json, (figure: Figure) => figure.case === stage, stageFigures([stage], alone, perRow));
  });
}

function measureAll(): readonly Figure[] {
  return withFolder((folder) => {
    const written = answerOf("npx", ["tsx", "bench/spark-driver.ts", folder]);
    const driver = driverSchema.parse(written);
    const spark = sparkSchema.parse(answerOf(python, ["bench/spark-stages.py", folder], JSON.stringify(written)));
    const { solve, evaluate } = driver.cpu;
    const stages = stageFigures(STAGES, { ...spark.alone, solve, evaluate }, spark.perRow);
    const als = Object.entries(spark.als).flatMap(([engine, { cpu, loss }]): Figure[] => [
      { case: "als", engine, metric: "cpuSeconds", value: cpu, unit: "s" },
      { case: "als", engine, metric: "loss", value: loss, unit: "" },
    ]);
    const growth = Object.entries(spark.growth).flatMap(([slots, { cpu, rowsPerSecond }]): Figure[] => [
      { case: `solve, ${slots} slots`, engine: "spark", metric: "cpuMicrosecondsPerRow", value: 1e6 * cpu, unit: "us" },
      { case: `solve, ${slots} slots`, engine: "spark", metric: "rowsPerSecond", value: rowsPerSecond, unit: "/s" },
    ]);
    return replaceFigures(json, () => true, [...stages, ...als, ...growth]);
  });
}

function settledFigures(): readonly Figure[] {
  if (asked.paper) return JSON.parse(readFileSync(json, "utf8"));
  return asked.stage === undefined ? measureAll() : measureStage(asked.stage);
}

const figures = settledFigures();

function figureOf(name: string, engine: string, metric: string): number {
  const found = figures.find((one) => one.case === name && one.engine === engine && one.metric === metric);
  if (found === undefined) throw new Error(`no figure ${name}, ${engine}, ${metric} in ${json}`);
  return found.value;
}

const engines = [...new Set(figures.filter((one) => one.case === "als").map(({ engine }) => engine))];
const mllib = figureOf("als", "MLlib", "cpuSeconds");
const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}`;
const text = `# Spark

Made by \`npm run bench:spark\` on ${machine}. Processor seconds of all processes together; other work may have shared the machine.

A row of each stage. The start of a worker is left out, but for the half-sweep, whose 200,000 rows share two starts. Both sides of the stages of
items and lists took three turns, and the medians stand here. Stages may be of different days, so compare within a row:

| stage | one process, µs | on Spark, µs | overhead |
|---|---|---|---|
${STAGES.filter((stage) => figures.some((one) => one.case === stage))
  .map((stage) => {
    const [one, spark] = ["one process", "spark"].map((engine) => figureOf(stage, engine, "cpuMicrosecondsPerRow"));
    return `| ${stage} | ${one.toFixed(1)} | ${spark.toFixed(1)} | ${(100 * (spark / one - 1)).toFixed(0)} % |`;
  })
  .join("\n")}

Implicit ALS, 20,000 users x 5,000 items, a million wanted pairs, rank 64, five alternations. The loss is equation 1 with one regularisation. MLlib
weighs its own by counts, so it has the best of three values. Both begin with pairs by id, and end with factors by id:

| engine | CPU s | MLlib's CPU over its own | loss |
|---|---|---|---|
${engines
  .map((engine) => {
    const [cpu, loss] = ["cpuSeconds", "loss"].map((metric) => figureOf("als", engine, metric));
    return `| ${engine} | ${cpu === 0 ? "" : cpu.toFixed(1)} | ${cpu === 0 ? "" : (mllib / cpu).toFixed(1)} | ${loss.toFixed(0)} |`;
  })
  .join("\n")}

Half-sweeps of 200,000 users by slots, on ${availableParallelism()} cores, the start of workers included:

| slots | CPU µs a row | rows a second |
|---|---|---|
${["1", "2", "4"]
  .map((slots) => {
    const name = `solve, ${slots} slots`;
    return `| ${slots} | ${figureOf(name, "spark", "cpuMicrosecondsPerRow").toFixed(0)} | ${figureOf(name, "spark", "rowsPerSecond").toFixed(0)} |`;
  })
  .join("\n")}

${largeShop(results, figureOf("encode", "spark", "cpuMicrosecondsPerRow") / figureOf("encode", "one process", "cpuMicrosecondsPerRow"))}`;
writeFileSync(join(results, "spark.md"), text);
console.log(text);
