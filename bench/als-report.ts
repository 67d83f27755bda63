/** From runs of the ALS benchmark to bench/results/als.json (one figure a record) and als.md (a table a case). */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { quantile } from "../src/math/statistics.ts";
import type { EngineRun } from "./als-engines.ts";
import { type Figure, replaceFigures } from "./figures.ts";

export interface EngineResult {
  readonly case: string;
  readonly engine: string;
  readonly runs: readonly EngineRun[];
  /** After each epoch; only after the last for an engine that does not say. */
  readonly losses: readonly number[];
}

/** Puts the results of one case into both files, in place of its earlier ones, and prints the tables. */
export function reportAls(results: readonly EngineResult[]): void {
  const best = Math.min(...results.flatMap(({ losses }) => losses));
  const fresh = results.flatMap((result) => figuresOf(result, best));
  const folder = join(import.meta.dirname, "results");
  const isReplaced = (figure: Figure) => figure.case === results[0].case;
  const figures = replaceFigures(join(folder, "als.json"), isReplaced, fresh);
  const names = [...new Set(figures.map((figure) => figure.case))].sort();
  const text = [heading(), ...names.map((name) => table(name, figures))].join("\n");
  writeFileSync(join(folder, "als.md"), text);
  console.log(text);
}

function figuresOf({ case: name, engine, runs, losses }: EngineResult, best: number): Figure[] {
  // The first epoch warms up: memory is new, code is compiled.
  const seconds = median(runs.flatMap((run) => run.seconds.slice(1)));
  const cpuSeconds = median(runs.flatMap((run) => run.cpuSeconds.slice(1)));
  const near = losses.length > 1 ? losses.findIndex((loss) => loss <= 1.01 * best) : -1;
  // As they were, the first included: it holds what an engine does before it.
  const until = (run: EngineRun) => run.seconds.slice(0, near + 1).reduce((sum, value) => sum + value, 0);
  const figure = (metric: string, value: number, unit: string): Figure => ({ case: name, engine, metric, value, unit });
  return [
    figure("secondsPerEpoch", seconds, "s"),
    figure("cpuSecondsPerEpoch", cpuSeconds, "s"),
    figure("finalLoss", losses[losses.length - 1], ""),
    ...(near < 0 ? [] : [figure("secondsToOnePercent", median(runs.map(until)), "s")]),
    figure("peakMemory", Math.max(...runs.map((run) => run.peakBytes)) / 2 ** 20, "MiB"),
  ];
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((x, y) => x - y),
    0.5,
  );
}

function heading(): string {
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  return `# ALS: tailrec and its peers\n\nMade by \`npm run bench:als\` on ${machine}; two threads, medians, engines in turns.
Ratios are the engine's figure over tailrec's. Processor time is the fairer of the two where other work shares the machine.\n`;
}

function table(name: string, figures: readonly Figure[]): string {
  const engines = [...new Set(figures.filter((figure) => figure.case === name).map(({ engine }) => engine))];
  const value = (engine: string, metric: string) =>
    figures.find((f) => f.case === name && f.engine === engine && f.metric === metric)?.value ?? Number.NaN;
  const cell = (engine: string, metric: string, digits: number) => {
    const [own, ours] = [value(engine, metric), value("tailrec", metric)];
    return Number.isNaN(own) ? "-" : `${own.toFixed(digits)} (${(own / ours).toFixed(2)})`;
  };
  const rows = engines.map((engine) => {
    const times = [cell(engine, "secondsPerEpoch", 3), cell(engine, "cpuSecondsPerEpoch", 3)];
    const rest = [cell(engine, "secondsToOnePercent", 2), `${value(engine, "finalLoss").toFixed(0)}`];
    return `| ${[engine, ...times, ...rest, value(engine, "peakMemory").toFixed(0)].join(" | ")} |`;
  });
  const header =
    "| engine | s / epoch | CPU s / epoch | s to 1 % of best loss | final loss | peak MiB |\n|---|---|---|---|---|---|";
  return `## ${name}\n\n${header}\n${rows.join("\n")}\n`;
}
