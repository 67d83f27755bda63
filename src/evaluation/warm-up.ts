/**
 * The warm-up curve: reports of the same targets at n = 0, 1, 3, ... revealed interactions, joined into one whose slices are
 * "n=0", "n=1", ...; where behaviour overtakes content is read off it.
 */
import { TailrecError } from "../errors.ts";
import {
  type Candidates,
  type EvaluationReport,
  excludesZero,
  type MetricComparison,
  type MetricResult,
  type SliceRecord,
} from "./report.ts";

export interface WarmUpLevelReports {
  /** n. */
  readonly revealed: number;
  /** Reports with the one slice `all`: targets against every item, and against the warm-up items. */
  readonly reports: Readonly<Record<Candidates, EvaluationReport>>;
}

/** The smallest n at which a model's primary metric reaches another's; null where it never does. */
export interface Overtaking {
  readonly behaviour: string;
  readonly content: string;
  readonly metric: string;
  readonly catalog: number | null;
  readonly slice: number | null;
}

const KIND = "warm-up";

/** One report of all levels. `description` says how the split was made, `overtaking` is added where both models take part. */
export function joinWarmUp(
  levels: readonly WarmUpLevelReports[],
  description: Readonly<Record<string, unknown>>,
): EvaluationReport {
  if (levels.length === 0) throw new TailrecError("INVALID_ARGUMENT", "expected at least one warm-up level");
  const parts = levels.flatMap(({ revealed, reports }) =>
    (["catalog", "slice"] as const).map((candidates) => relabelled(reports[candidates], revealed, candidates)),
  );
  const results = parts.flatMap((part) => part.results);
  const { dataset, protocol } = levels[0].reports.catalog;
  const overtaking = overtakingOf(results);
  return {
    dataset,
    protocol: {
      ...protocol,
      ...description,
      kind: KIND,
      ...(overtaking && { overtaking }),
      slices: levels.map(sliceOf),
    },
    results,
    comparisons: parts.flatMap((part) => part.comparisons),
  };
}

function relabelled(report: EvaluationReport, revealed: number, candidates: Candidates): EvaluationReport {
  const labels = { slice: sliceName(revealed), candidates };
  const results = report.results.map((result) => ({ ...result, ...labels }));
  return { ...report, results, comparisons: report.comparisons.map((comparison) => ({ ...comparison, ...labels })) };
}

/** The items are the candidates within the slice. */
function sliceOf({ revealed, reports }: WarmUpLevelReports): SliceRecord {
  const [all] = reports.slice.protocol.slices;
  return { ...all, name: sliceName(revealed), minimum: revealed, maximum: revealed };
}

const PREFIX = "n=";

function sliceName(revealed: number): string {
  return `${PREFIX}${revealed}`;
}

function revealedIn(slice: string): number {
  return Number(slice.slice(PREFIX.length));
}

function overtakingOf(results: readonly MetricResult[]): Overtaking | undefined {
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
