/** What encoders add to the fields, and what their vectors tell alone: cold items, by `bench:encoders`. */
import { type Column, dataSets, type Figure, readFigures } from "./figures.ts";
import { tableOf } from "./markdown.ts";

interface EncoderFigure extends Figure {
  readonly ci95?: readonly [number, number];
  readonly unit?: string;
}

/** A row an encoder of a data set. */
export function encodersTable(): string {
  const columns: readonly Column[] = [
    ["neighbours by the vectors alone", "alone/content-knn"],
    ["neighbours, beside the fields", "with fields/content-knn"],
    ["ridge, beside the fields", "with fields/content-ridge"],
    ["ms an item", "speed"],
  ];
  const figures: readonly EncoderFigure[] = readFigures("encoders");
  const measured = new Map(figures.map((figure) => [`${figure.case}, ${figure.engine}`, figure]));
  const cellAt = (name: string): string => {
    const figure = measured.get(name);
    if (figure === undefined) return "";
    if (figure.unit === "ms") return figure.value < 100 ? figure.value.toPrecision(2) : figure.value.toFixed(0);
    const [value, ...interval] = [figure.value, ...(figure.ci95 ?? [])].map((one) => one.toFixed(4).replace(/^0/, ""));
    return interval.length === 0 ? value : `${value} (${interval.join(" to ")})`;
  };
  const rows = dataSets.flatMap(([dataSet, title]) => {
    const own = figures.filter((figure) => figure.case.startsWith(`${dataSet}/`));
    return [...new Set(own.map(({ engine }) => engine))].map((engine) => [
      title,
      engine === "fields alone" ? engine : `\`${engine}\``,
      ...columns.map(([, place]) => cellAt(`${dataSet}/${place}, ${engine}`)),
    ]);
  });
  return tableOf(["data", "features", ...columns.map(([heading]) => heading)], rows);
}
