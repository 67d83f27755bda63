/** From the feature benchmark's figures to bench/results/features.json (one figure a record) and features.md (a table a case). */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { type Figure, replaceFigures } from "./figures.ts";

const folder = join(import.meta.dirname, "results");

/** Puts the figures of one case into both files, in place of its earlier ones, and prints the tables. */
export function reportFeatures(name: string, fresh: readonly Figure[]): void {
  const figures = replaceFigures(join(folder, "features.json"), (figure) => figure.case === name, fresh);
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
