/** What a warm-up report says: where behaviour overtakes content, how the reference fares, and the curve as a picture. */
import { decimalOf } from "./decimals.ts";
import { labelOf } from "./metrics/metric-kinds.ts";
import {
  type Candidates,
  type EvaluationReport,
  excludesZero,
  type MetricComparison,
  type MetricResult,
  type ReportPlot,
  type ReportWords,
} from "./report.ts";

export function warmUpWords(report: EvaluationReport): ReportWords {
  const { slices } = report.protocol;
  const middle = slices[Math.floor(slices.length / 2)]?.name ?? report.results[0].slice;
  return {
    title: "Warm-up curve",
    purpose:
      "Items with many interactions are given back only the first n of them: what each model makes of an item as it warms up.",
    headline: { slice: middle, candidates: "slice" },
    findings: warmUpFindings(report),
    plots: warmUpPlots(report),
  };
}

/** The smallest n at which a model's primary metric reaches another's; null where it never does. */
export interface Overtaking {
  readonly behaviour: string;
  readonly content: string;
  readonly metric: string;
  readonly catalog: number | null;
  readonly slice: number | null;
}

const PREFIX = "n=";

/** The slice of level n. */
export function levelName(revealed: number): string {
  return `${PREFIX}${revealed}`;
}

function revealedIn(slice: string): number {
  return Number(slice.slice(PREFIX.length));
}

export function overtakingOf(results: readonly MetricResult[]): Overtaking | undefined {
  const [behaviour, content] = ["als", "content-knn"];
  const metric = results[0]?.metric;
  const models = new Set(results.map(({ model }) => model));
  if (!models.has(behaviour) || !models.has(content)) return undefined;
  const firstIn = (candidates: Candidates): number | null => {
    const of = (model: string) =>
      results.filter((r) => r.model === model && r.candidates === candidates && r.metric === metric);
    const ahead = of(behaviour).find((result, level) => result.value >= of(content)[level].value);
    return ahead === undefined ? null : revealedIn(ahead.slice);
  };
  return { behaviour, content, metric, catalog: firstIn("catalog"), slice: firstIn("slice") };
}

/** What a warm-up report says, in sentences: where behaviour overtakes content, and how the reference fares. */
export function warmUpFindings({ results, comparisons }: EvaluationReport): string[] {
  const overtaking = overtakingOf(results);
  const sets = [
    { candidates: "slice", words: "among the warm-up items" },
    { candidates: "catalog", words: "in the whole catalog" },
  ] as const;
  return sets.flatMap(({ candidates, words }) => {
    const own = comparisons.filter((comparison) => comparison.candidates === candidates);
    return [
      ...(overtaking ? [overtakingSentence(overtaking, overtaking[candidates], words)] : []),
      ...(own.length > 0 ? [referenceSentence(own, words)] : []),
    ];
  });
}

function overtakingSentence({ behaviour, content }: Overtaking, first: number | null, words: string): string {
  if (first === null) return `${behaviour} stays below ${content} at every n, ${words}`;
  return `${behaviour} reaches ${content} at n = ${first}, ${words}`;
}

/** Clearly below: by a paired difference whose interval excludes 0. */
function referenceSentence(comparisons: readonly MetricComparison[], words: string): string {
  const { a, metric } = comparisons[0];
  const primary = comparisons.filter((comparison) => comparison.metric === metric);
  const levels = [...new Set(primary.map(({ slice }) => slice))];
  const below = primary.filter((comparison) => comparison.difference < 0 && excludesZero(comparison));
  const lost = below.map(({ b, slice }) => `${b} at ${slice}`);
  if (lost.length === 0) return `${a} is clearly below no other model at any of ${levels.join(", ")}, ${words}`;
  return `${a} is clearly below ${lost.join(", ")}, ${words}`;
}

const AMONG = { slice: "ranked among the items of the slice", catalog: "ranked among the whole catalog" } as const;

/** How figures of the first metric grow with n: a picture a candidate set, a line a model. */
function warmUpPlots(report: EvaluationReport): ReportPlot[] {
  const [{ metric }] = report.results;
  const levels = report.protocol.slices.map(({ minimum }) => minimum);
  return (["slice", "catalog"] as const).map((candidates): ReportPlot => {
    const results = report.results.filter((result) => result.metric === metric && result.candidates === candidates);
    const models = [...new Set(results.map(({ model }) => model))];
    const pointOf = (result: MetricResult) => {
      const n = revealedIn(result.slice);
      const interval = result.ci95.map(decimalOf).join(" to ");
      const note = `${result.model}, n = ${n}: ${decimalOf(result.value)}, 95 % interval ${interval}`;
      return { x: n, y: result.value, interval: result.ci95, note };
    };
    return {
      title: `${labelOf(metric)}, ${AMONG[candidates]}`,
      description: `${labelOf(metric)} of ${models.join(", ")} for items with ${levels.join(", ")} interactions`,
      x: { label: "interactions given back (n)", scale: "steps" },
      y: { label: labelOf(metric), scale: "figures" },
      lines: models.map((model) => ({
        name: model,
        points: results.filter((result) => result.model === model).map(pointOf),
      })),
    };
  });
}
