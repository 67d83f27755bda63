/** From the figures of encoders to bench/results/encoders.json (one figure a record) and encoders.md (a table a data set). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, replaceFigures } from "./figures.ts";

export interface EncoderFigure extends Figure {
  /** What the features were, and the model on them. */
  readonly case: string;
  readonly ci95?: readonly [number, number];
}

const folder = join(import.meta.dirname, "results");

const COLUMNS = ["alone/content-knn", "with fields/content-knn", "with fields/content-ridge", "speed"];
const HEADINGS = ["vectors alone", "beside fields, neighbours", "beside fields, ridge", "ms an item"];

/** Puts the figures of one encoder on one data set into both files, in place of earlier ones. */
export function reportEncoders(dataset: string, fresh: readonly EncoderFigure[]): void {
  const placed = fresh.map((figure) => ({ ...figure, case: `${dataset}/${figure.case}` }));
  const isReplaced = (figure: EncoderFigure) =>
    placed.some(
      ({ engine, case: place }) => engine === figure.engine && place.startsWith(`${figure.case.split("/")[0]}/`),
    );
  const figures = replaceFigures(join(folder, "encoders.json"), isReplaced, placed);
  const datasets = [...new Set(figures.map((figure) => figure.case.split("/")[0]))];
  const page = `# Encoders\n\nMade by \`npm run bench:encoders\`: NDCG@10 of cold items among themselves, three seeds, 95 % intervals over users.\n\n${datasets.map((name) => tableOf(name, figures)).join("\n\n")}\n`;
  writeFileSync(join(folder, "encoders.md"), page);
  console.log(tableOf(dataset, placed));
}

function tableOf(dataset: string, figures: readonly EncoderFigure[]): string {
  const own = figures.filter((figure) => figure.case.startsWith(`${dataset}/`));
  const rows = [...new Set(own.map(({ engine }) => engine))].map((engine) => {
    const cells = COLUMNS.map((column) =>
      cellOf(own.find((figure) => figure.engine === engine && figure.case === `${dataset}/${column}`)),
    );
    return `| ${[engine, ...cells].join(" | ")} |`;
  });
  return [
    `## ${dataset}`,
    "",
    `| encoder | ${HEADINGS.join(" | ")} |`,
    `|---|${HEADINGS.map(() => "---|").join("")}`,
    ...rows,
  ].join("\n");
}

function cellOf(figure: EncoderFigure | undefined): string {
  if (figure === undefined) return "";
  if (figure.unit === "ms") return figure.value < 100 ? figure.value.toPrecision(2) : figure.value.toFixed(0);
  const interval = figure.ci95?.map(short).join(" to ");
  return interval === undefined ? short(figure.value) : `${short(figure.value)} (${interval})`;
}

function short(value: number): string {
  return value.toFixed(4).replace(/^0/, "");
}
