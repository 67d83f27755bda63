/** What a metric does along a query-time setting, as tables. */
import { curveKinds } from "../evaluation/curve-kinds.ts";
import type { CurvePoint, EvaluationReport } from "../evaluation/report.ts";
import { decimalOf } from "./report-tables.ts";

export interface CurveTable {
  readonly title: string;
  /** Name of the setting and its places. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Every curve as a table: a row a slice and candidate set, a column a place. */
export function curveTables({ curves = [] }: EvaluationReport): CurveTable[] {
  return curves.map(({ kind, model, points }) => {
    const { heading, setting } = curveKinds[kind];
    const places = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b);
    const nameOf = ({ slice, candidates }: CurvePoint) => `${slice} (${candidates})`;
    const rows = [...new Set(points.map(nameOf))].map((name) => {
      const own = points.filter((point) => nameOf(point) === name);
      return [name, ...places.map((place) => decimalOf(own.find(({ at }) => at === place)?.value ?? Number.NaN))];
    });
    return {
      title: `${heading}: ${model}, ${points[0]?.metric ?? ""}`,
      header: [setting, ...places.map(String)],
      rows,
    };
  });
}
