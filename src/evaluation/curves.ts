/** What a metric does along a query-time setting: one ranking of the same targets a place, no refitting. */
import type { RunContext } from "../run-context.ts";
import { type EvaluationInput, evaluate } from "./evaluate.ts";
import type { EvaluationOptions } from "./options.ts";
import type { CurvePoint, EvaluationReport, ReportCurve } from "./report.ts";
import { decimalOf } from "./report-tables.ts";
import type { Ranker } from "./scorer.ts";

export interface CurveRequest {
  readonly kind: ReportCurve["kind"];
  readonly model: string;
  /** How the model ranks at each place, ascending. */
  readonly places: readonly (Ranker & { readonly at: number })[];
}

/** The first metric of `options` at every place, slice and candidate set. */
export async function measureCurve(
  { kind, model, places }: CurveRequest,
  input: Omit<EvaluationInput, "contenders">,
  { metrics, resamples, seed }: EvaluationOptions,
  context: RunContext = {},
): Promise<ReportCurve> {
  const contenders = places.map((place) => ({ ...place, name: String(place.at) }));
  const report = await evaluate({ ...input, contenders }, { metrics: metrics?.slice(0, 1), resamples, seed }, context);
  const points = report.results.map(({ model: at, slice, candidates, metric, value, ci95, n }): CurvePoint => {
    return { at: Number(at), slice, candidates, metric, value, ci95, n };
  });
  return { kind, model, points };
}

export interface CurveTable {
  readonly title: string;
  /** Name of the setting and its places. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const TITLES = {
  "tail-dial": { title: "Along the tail dial", setting: "tail" },
  length: { title: "By the leading numbers of the vector", setting: "length" },
} as const satisfies Record<ReportCurve["kind"], { title: string; setting: string }>;

/** Every curve as a table: a row a slice and candidate set, a column a place. */
export function curveTables({ curves = [] }: EvaluationReport): CurveTable[] {
  return curves.map(({ kind, model, points }) => {
    const { title, setting } = TITLES[kind];
    const places = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b);
    const nameOf = ({ slice, candidates }: CurvePoint) => `${slice} (${candidates})`;
    const rows = [...new Set(points.map(nameOf))].map((name) => {
      const own = points.filter((point) => nameOf(point) === name);
      return [name, ...places.map((place) => decimalOf(own.find(({ at }) => at === place)?.value ?? Number.NaN))];
    });
    return { title: `${title}: ${model}, ${points[0]?.metric ?? ""}`, header: [setting, ...places.map(String)], rows };
  });
}
