/** From the feature benchmark's figures to bench/results/features.json (one figure a record) and features.md (a table a case). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

export interface Figure {
  readonly case: string;
  readonly engine: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

const folder = join(import.meta.dirname, "results");

/** Puts the figures of one case into both files, in place of its earlier ones, and prints the tables. */
export function reportFeatures(name: string, fresh: readonly Figure[]): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "features.json");
  const earlier: readonly Figure[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
  const figures = [...earlier.filter((figure) => figure.case !== name), ...fresh];
  writeFileSync(path, `${JSON.stringify(figures, null, 1)}\n`);
  const cases = [...new Set(figures.map((figure) => figure.case))].sort();
  const text = [heading(), ...cases.map((each) => tableOf(each, figures))].join("\n");
  writeFileSync(join(folder, "features.md"), text);
  console.log(text);
}

function heading(): string {
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  return `# Encoding: tailrec and a bare onnxruntime loop\n\nMade by \`npm run bench:features\` on ${machine}; medians, engines in turns, each in a process of its own. Processor time is the
fairer figure where other work shares the machine. What the engines are: \`bench/feature-engine.ts\`.\n`;
}

function tableOf(name: string, figures: readonly Figure[]): string {
  const own = figures.filter((figure) => figure.case === name);
  const metrics = [...new Set(own.map(({ metric }) => metric))];
  const engines = [...new Set(own.map(({ engine }) => engine))];
  const cell = (engine: string, metric: string): string => {
    const figure = own.find((each) => each.engine === engine && each.metric === metric);
    return figure === undefined ? "-" : `${Number(figure.value.toPrecision(3))} ${figure.unit}`.trim();
  };
  const rows = engines.map((engine) => `| ${[engine, ...metrics.map((metric) => cell(engine, metric))].join(" | ")} |`);
  return `## ${name}\n\n| engine | ${metrics.join(" | ")} |\n|${"---|".repeat(metrics.length + 1)}\n${rows.join("\n")}\n`;
}
