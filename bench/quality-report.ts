/** From the reports of one data set to bench/results/quality.json (one figure a record) and quality.md (tables, and what was asked). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidates, EvaluationReport } from "../src/evaluation/report.ts";
import { type Figure, replaceFigures } from "./figures.ts";
import { type Finding, judge, METRIC, type QualityReports } from "./quality-goals.ts";

const folder = join(import.meta.dirname, "results");

/** Puts the figures of one data set into both files, in place of its earlier ones, and prints its part. */
export function reportQuality(dataset: string, reports: QualityReports): void {
  const named = [
    ["launch", reports.launch],
    ["cold-items", reports.cold],
    ["cold-items, rank 64", reports.regression],
    ["warm-tail", reports.next],
    ["similar-items", reports.similar],
    ["warm-up", reports.rising],
  ] as const;
  const fresh = named.flatMap(([protocol, report]) => figuresOf(`${dataset}/${protocol}`, report));
  replaceFigures(join(folder, "quality.json"), (figure) => figure.case.startsWith(`${dataset}/`), fresh);
  const page = [
    `# ${dataset}`,
    ...named.map(([protocol, report]) => table(protocol, report)),
    goals(judge(dataset, reports)),
  ];
  writeFileSync(join(folder, `quality-${dataset}.md`), `${page.join("\n\n")}\n`);
  console.log(page.join("\n\n"));
}

function figuresOf(prefix: string, { results, curves = [] }: EvaluationReport): Figure[] {
  const measured = results
    .filter(({ metric }) => metric === METRIC)
    .map(
      ({ model, slice, candidates, value }): Figure => ({
        case: `${prefix}/${slice}/${candidates}`,
        engine: model,
        metric: METRIC,
        value,
        unit: "",
      }),
    );
  const along = curves.flatMap(({ kind, model, points }) =>
    points
      .filter(({ metric }) => metric === METRIC)
      .map(
        ({ at, slice, candidates, value }): Figure => ({
          case: `${prefix}/${kind} ${at}/${slice}/${candidates}`,
          engine: model,
          metric: METRIC,
          value,
          unit: "",
        }),
      ),
  );
  return [...measured, ...along];
}

/** A row a model, a column a slice and candidate set; over several splits the least and the most beside the mean. */
function table(protocol: string, { results }: EvaluationReport): string {
  const rows = results.filter(({ metric }) => metric === METRIC);
  const columns = [...new Map(rows.map((row) => [columnOf(row), row])).keys()];
  const models = [...new Set(rows.map(({ model }) => model))];
  const cell = (model: string, column: string): string => {
    const found = rows.find((row) => row.model === model && columnOf(row) === column);
    if (found === undefined) return "";
    return found.splits === undefined
      ? number(found.value)
      : `${number(found.value)} (${found.splits.map(number).join(" ")})`;
  };
  return [
    `${protocol}: ${METRIC}`,
    "",
    `| | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...models.map((model) => `| ${model} | ${columns.map((column) => cell(model, column)).join(" | ")} |`),
  ].join("\n");
}

function columnOf({ slice, candidates }: { readonly slice: string; readonly candidates: Candidates }): string {
  return `${slice}, ${candidates}`;
}

function goals(findings: readonly Finding[]): string {
  const lines = findings.map(({ asked, reached, holds }) => `| ${asked} | ${reached} | ${holds ? "yes" : "no"} |`);
  return ["| asked | measured | reached |", "|---|---|---|", ...lines].join("\n");
}

function number(value: number): string {
  return value.toFixed(4).replace(/^0/, "");
}
