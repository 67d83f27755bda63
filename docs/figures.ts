/** Tables of measured figures, from `bench/results` alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableOf } from "./markdown.ts";

export interface Figure {
  readonly case: string;
  readonly engine: string;
  readonly metric: string;
  readonly value: number;
}

/** A column of a table: its heading, and the case that it shows. */
export type Column = readonly [string, string];

export const dataSets = [
  ["shop", "demo shop"],
  ["amazon-scientific", "Amazon Scientific"],
  ["movielens-small", "MovieLens small"],
] as const;

export function readFigures(name: string): readonly Figure[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "..", "bench", "results", `${name}.json`), "utf8"));
}

/** README's one table: cold items among each other, and the next interaction against everything. */
export function overviewTable(): string {
  const models = ["als", "content-knn", "content-ridge", "regression-mse", "hybrid"];
  const columns = (protocol: string, title: string) =>
    dataSets.map(([dataSet, name]): Column => [`${title}: ${name}`, `${dataSet}/${protocol}`]);
  return qualityTable(
    [...columns("cold-items/cold/slice", "cold"), ...columns("warm-tail/all/catalog", "next")],
    models,
  );
}

/** Old and new items in one list: all of the truth, and its two parts. */
export function launchTable(): string {
  const parts = ["all", "known", "launched"];
  return qualityTable(
    dataSets.flatMap(([dataSet, name]) =>
      parts.map((part): Column => [`${name}: ${part}`, `${dataSet}/launch/${part}/catalog`]),
    ),
  );
}

/** Similar-item lists of every data set. */
export function similarTable(): string {
  return qualityTable(dataSets.map(([dataSet, name]) => [name, `${dataSet}/similar-items/all/catalog`]));
}

/** Cold items of every data set for every model, in the slice or in the whole catalog. */
export function coldTable(candidates: "slice" | "catalog"): string {
  return qualityTable(dataSets.map(([dataSet, name]) => [name, `${dataSet}/cold-items/cold/${candidates}`]));
}

/** The next interaction on Amazon Scientific by the support of the item. */
export function tailTable(candidates: "slice" | "catalog"): string {
  const slices = ["1-3", "4-10", "11-20", "21+"];
  return qualityTable([
    ["all, catalog", "amazon-scientific/warm-tail/all/catalog"],
    ...slices.map((slice): Column => [slice, `amazon-scientific/warm-tail/${slice}/${candidates}`]),
  ]);
}

/** How an item fares as its first interactions come in, among the items that do so. */
export function warmUpTable(dataSet: string): string {
  const levels = ["0", "1", "3", "10", "30"];
  return qualityTable(levels.map((n) => [`n = ${n}`, `${dataSet}/warm-up/n=${n}/slice`]));
}

/** NDCG@10 of newcomers after n interactions, with and without their attributes. */
export function newUsersTable(): string {
  const figures = readFigures("new-users").filter(({ metric }) => metric === "ndcg@10");
  return cellsOf(
    figures,
    [...new Set(figures.map((figure) => figure.case))].map((name) => [name, name]),
    [...new Set(figures.map(({ engine }) => engine))],
  );
}

function qualityTable(columns: readonly Column[], models?: readonly string[]): string {
  const figures = readFigures("quality").filter(({ metric }) => metric === "ndcg@10");
  const named = new Set(columns.map(([, name]) => name));
  const all = figures.filter((figure) => named.has(figure.case)).map(({ engine }) => engine);
  return cellsOf(figures, columns, models ?? [...new Set(all)]);
}

/** A row a model, the best of each column in bold. */
function cellsOf(figures: readonly Figure[], columns: readonly Column[], models: readonly string[]): string {
  const figureOf = (model: string, name: string) =>
    figures.find((figure) => figure.case === name && figure.engine === model)?.value;
  const best = columns.map(([, name]) => Math.max(...models.map((model) => figureOf(model, name) ?? 0)));
  const rows = models.map((model) => [
    model,
    ...columns.map(([, name], column) => cell(figureOf(model, name), best[column])),
  ]);
  return tableOf(["model", ...columns.map(([heading]) => heading)], rows);
}

function cell(value: number | undefined, best: number): string {
  if (value === undefined) return "";
  const text = value.toFixed(4).replace(/^0/, "");
  return value === best ? `**${text}**` : text;
}
