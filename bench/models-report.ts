/** From the figures of models to bench/results/models.json (one figure a record) and models.md (a table a data set and question). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, replaceFigures } from "./figures.ts";

export const METRIC = "ndcg@10";

export interface ModelFigure extends Figure {
  /** The question, slice and candidates, or the fit. */
  readonly case: string;
  readonly ci95?: readonly [number, number];
  /** Splits behind the figure. */
  readonly splits?: number;
}

const folder = join(import.meta.dirname, "results");

/** Columns of the two tables: slice, candidates. */
const COLUMNS = {
  launch: ["all/catalog", "known/catalog", "launched/catalog", "n=0/catalog"],
  "warm-tail": [
    "all/catalog",
    "1-3/catalog",
    "1-3/slice",
    "4-10/catalog",
    "4-10/slice",
    "11-20/catalog",
    "21+/catalog",
  ],
};

/** Puts the figures of one data set into both files, in place of earlier ones of the same models and questions. */
export function reportModels(dataset: string, fresh: readonly ModelFigure[]): void {
  const placed = fresh.map((figure) => ({ ...figure, case: `${dataset}/${figure.case}` }));
  const isReplaced = (figure: ModelFigure) =>
    placed.some((other) => other.engine === figure.engine && partOf(other) === partOf(figure));
  const figures = replaceFigures(join(folder, "models.json"), isReplaced, placed);
  writeFileSync(join(folder, "models.md"), pageOf(figures));
}

/** Data set, and question or cost. */
function partOf({ case: place }: ModelFigure): string {
  return place.split("/", 2).join("/");
}

function pageOf(figures: readonly ModelFigure[]): string {
  const datasets = [...new Set(figures.map((figure) => figure.case.split("/")[0]))];
  const tables = datasets.flatMap((dataset) =>
    Object.entries(COLUMNS).map(([protocol, columns]) => tableOf(dataset, protocol, columns, figures)),
  );
  return `# Models\n\nMade by \`npm run bench:models\`: ${METRIC}, 95 % intervals over users; seconds of the median fit.\n\n${tables.join("\n\n")}\n`;
}

/** A row a model, the best of all items first. */
function tableOf(
  dataset: string,
  protocol: string,
  columns: readonly string[],
  figures: readonly ModelFigure[],
): string {
  const find = (engine: string, place: string) =>
    figures.find((figure) => figure.engine === engine && figure.case === `${dataset}/${place}`);
  const models = [
    ...new Set(figures.flatMap(({ case: place, engine }) => (place.startsWith(`${dataset}/`) ? [engine] : []))),
  ];
  const overall = (engine: string) => find(engine, `${protocol}/${columns[0]}`)?.value ?? 0;
  const rows = models
    .sort((a, b) => overall(b) - overall(a))
    .map((engine) => {
      const cells = columns.map((column) => cellOf(find(engine, `${protocol}/${column}`)));
      const splits = find(engine, `${protocol}/${columns[0]}`)?.splits ?? "";
      const costs = ["fit", "fit, processor"].map((place) => find(engine, place)?.value.toFixed(1) ?? "");
      return `| ${[engine, ...cells, splits, ...costs].join(" | ")} |`;
    });
  return [
    `## ${dataset}, ${protocol}`,
    "",
    `| model | ${columns.map((column) => column.replace("/", ", ")).join(" | ")} | splits | fit, s | processor, s |`,
    `|---|${columns.map(() => "---|").join("")}---|---|---|`,
    ...rows,
  ].join("\n");
}

function cellOf(figure: ModelFigure | undefined): string {
  if (figure === undefined) return "";
  const interval = figure.ci95?.map(number).join(" to ");
  return interval === undefined ? number(figure.value) : `${number(figure.value)} (${interval})`;
}

function number(value: number): string {
  return value.toFixed(4).replace(/^0/, "");
}
