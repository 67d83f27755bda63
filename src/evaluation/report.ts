/** The outcome of an evaluation: what `metrics.json` holds, and nothing else. */
import type { MetricFamily } from "./metrics/metric-kinds.ts";
import type { Interval } from "./summary/bootstrap.ts";

/** "catalog": every item that the user has not in training; "slice": those of them that are in the slice. */
export type Candidates = "catalog" | "slice";

export interface MetricResult {
  readonly model: string;
  readonly slice: string;
  readonly candidates: Candidates;
  readonly metric: string;
  /** Mean over the users (similar-items: the query items) that hold a target in the slice; over several splits, over all their pairs. */
  readonly value: number;
  /** By bootstrap over those users; of figures about all lists at once, by the jackknife over groups of users. */
  readonly ci95: Interval;
  /** Those users. */
  readonly n: number;
  /** By bootstrap over the target items; absent where the metric is no sum over targets. */
  readonly ci95Items?: Interval;
  /** The value in each split, in the order of `protocol.seeds`; absent where there was one. */
  readonly splits?: readonly number[];
}

export interface MetricComparison {
  readonly a: string;
  readonly b: string;
  readonly slice: string;
  readonly candidates: Candidates;
  readonly metric: string;
  /** Value of a minus value of b, over the same users. */
  readonly difference: number;
  readonly ci95: Interval;
  /** Two-sided. */
  readonly p: number;
  /** Holm's adjustment of `p` over the comparisons of the same slice, candidates and metric. */
  readonly adjustedP?: number;
  /** Interval of the difference, by bootstrap over the target items. */
  readonly ci95Items?: Interval;
}

export interface SliceRecord {
  readonly name: string;
  /** Range of training support, inclusive; maximum null where there is none. */
  readonly minimum: number;
  readonly maximum: number | null;
  /** Candidates in the slice. */
  readonly items: number;
  /** Held-out interactions with them. */
  readonly targets: number;
}

/** How the figures came about: the split as the caller describes it, the slices and the bootstrap. */
export interface ProtocolRecord {
  readonly kind: string;
  readonly slices: readonly SliceRecord[];
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  /** What each metric kind of the results means, e.g. for "ndcg". */
  readonly definitions?: Readonly<Record<string, string>>;
  /** What each of them is made of: ranks of held-out items, the lists, errors of ratings. Absent from reports of earlier versions. */
  readonly families?: Readonly<Record<string, MetricFamily>>;
  /** Seeds of the splits that were pooled; absent where there was one. */
  readonly seeds?: readonly number[];
  readonly [key: string]: unknown;
}

/** One figure at one place of a curve. */
export interface CurvePoint {
  readonly at: number;
  readonly slice: string;
  readonly candidates: Candidates;
  readonly metric: string;
  readonly value: number;
  readonly ci95: Interval;
  readonly n: number;
}

/** What a metric does along a query-time setting: the tail dial from 0 to 1, or the leading numbers of a vector that are kept. */
export interface ReportCurve {
  readonly kind: "tail-dial" | "length";
  readonly model: string;
  readonly points: readonly CurvePoint[];
}

export interface EvaluationReport {
  readonly dataset: string;
  readonly protocol: ProtocolRecord;
  readonly results: readonly MetricResult[];
  readonly comparisons: readonly MetricComparison[];
  readonly curves?: readonly ReportCurve[];
}

/** Whether the interval of a difference leaves out 0. */
export function excludesZero({ ci95: [low, high] }: MetricComparison): boolean {
  return low > 0 || high < 0;
}
