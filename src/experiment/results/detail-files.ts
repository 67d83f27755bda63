/** users.parquet and items.parquet beside a protocol's metrics.json: every value behind its figures, by the data's own ids. */
import { join } from "node:path";
import type { FileContent } from "../../data/files/atomic-write.ts";
import type { ListOwners } from "../../data/files/list-file.ts";
import { fillParquetFile, type ParquetColumn, type ParquetPart } from "../../data/files/parquet-file.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { type DetailPart, itemDetails, userDetails } from "../../evaluation/summary/details.ts";
import { familyOf } from "../../evaluation/summary/metric-words.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";

export interface RankedProtocol {
  readonly kind: string;
  readonly metrics: readonly string[];
  readonly splits: readonly RankedSplit[];
  /** Who asks: the rows of the ranks. */
  readonly askers: ListOwners;
  readonly itemIds: readonly string[];
}

/** The metrics of a report that have a value a user. */
export function rankMetricsOf(report: EvaluationReport): string[] {
  const metrics = [...new Set(report.results.map(({ metric }) => metric))];
  return metrics.filter((metric) => familyOf(report, metric) === "ranks");
}

export function detailFiles(folder: string, { kind, metrics, splits, askers, itemIds }: RankedProtocol): FileContent[] {
  const write = (name: string, details: () => Iterable<DetailPart>, ids: readonly string[]) => (path: string) =>
    fillParquetFile(path, columnsOf(name, metrics), partsOf(details(), ids));
  return [
    [join(folder, kind, "users.parquet"), write(askers.column, () => userDetails(splits, metrics), askers.ids)],
    [join(folder, kind, "items.parquet"), write("item", () => itemDetails(splits, metrics), itemIds)],
  ];
}

function columnsOf(name: string, metrics: readonly string[]): ParquetColumn[] {
  return [
    { name: "seed", type: "integer" },
    { name: "model", type: "text" },
    { name: "slice", type: "text" },
    { name: "candidates", type: "text" },
    { name, type: "text" },
    { name: "targets", type: "count" },
    ...metrics.map((metric) => ({ name: metric, type: "double" as const })),
  ];
}

function* partsOf(details: Iterable<DetailPart>, ids: readonly string[]): Generator<ParquetPart> {
  for (const { seed, model, slice, candidates, rows, targets, values } of details) {
    const labels = [seed, model, slice, candidates].map((label) => () => label);
    const figures = values.map((ofMetric) => (row: number) => ofMetric[row]);
    const cells = [...labels, (row: number) => ids[rows[row]], (row: number) => targets[row], ...figures];
    yield { rows: rows.length, cells };
  }
}
