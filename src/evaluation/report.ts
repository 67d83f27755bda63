/** The outcome of an evaluation: what `metrics.json` holds, and nothing else. */
import type { CurveKind } from "./curve-kinds.ts";
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
  readonly kind: CurveKind;
  readonly model: string;
  readonly points: readonly CurvePoint[];
}

/** A picture that a protocol draws of its own figures. */
export interface ReportPlot {
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** A line a model, or any other name; a single point is a line of one. */
  readonly lines: readonly PlotLine[];
}

export interface PlotAxis {
  readonly label: string;
  /** "steps": the values that occur, evenly spaced; "figures": from 0 to the largest. */
  readonly scale: "steps" | "figures";
}

export interface PlotLine {
  readonly name: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly interval?: Interval;
    /** What is said of the point where it is pointed at. */
    readonly note: string;
  }[];
}

/** What a protocol says of its report, so that whoever shows it needs to know no protocol. */
export interface ReportWords {
  readonly title: string;
  /** What is asked, for those who have not read its options. */
  readonly purpose: string;
  /** Where it is asked: the place whose first figure a first look shows. */
  readonly headline: Place;
  /** What the figures say, in sentences. */
  readonly findings?: readonly string[];
  /** What each model is, by name. */
  readonly models?: Readonly<Record<string, string>>;
  /** Pictures of its own. */
  readonly plots?: readonly ReportPlot[];
  /** Whether the figures are drawn slice by slice as well; without pictures of its own they are. */
  readonly drawsSlices?: boolean;
}

/** A slice and what it was ranked among. */
export interface Place {
  readonly slice: string;
  readonly candidates: Candidates;
}

export interface EvaluationReport {
  readonly dataset: string;
  readonly protocol: ProtocolRecord;
  readonly results: readonly MetricResult[];
  readonly comparisons: readonly MetricComparison[];
  readonly curves?: readonly ReportCurve[];
  /** Absent where no rules are measured. */
  readonly ledger?: RuleLedger;
  /** Absent where no protocol of a pipeline made the report, and from reports of earlier versions. */
  readonly words?: ReportWords;
}

/** What each rule of the shop does to the hybrid's lists: the price of a rule beside what it buys. */
export interface RuleLedger {
  /** The row without any rule, then each rule alone, then all together where there are several. */
  readonly rows: readonly string[];
  /** Length of the lists. */
  readonly length: number;
  /** Figures of each row, in place of a model. */
  readonly results: readonly MetricResult[];
  /** The row without rules minus each other, paired. */
  readonly comparisons: readonly MetricComparison[];
  /** Absent where no rule explores, and where nobody takes a launched item. */
  readonly exploration?: ExplorationTrial;
}

/** A launch played through, once under each policy. */
export interface ExplorationTrial {
  readonly days: number;
  readonly users: number;
  /** Launched items that somebody takes in the truth. */
  readonly items: number;
  readonly policies: readonly TrialPolicy[];
}

export interface TrialPolicy {
  readonly name: string;
  /** Share of the items that anybody was shown, by the end of each day. */
  readonly shown: readonly number[];
  /** Shares of the items that anybody clicked, and whose rank is off at the launch. */
  readonly clicked: number;
  readonly off: number;
  /** Of those whose rank is off, the share whose rank settled. */
  readonly settled: number;
  /** Of the settled ones, the median clicks and days until then; null where none did. */
  readonly interactions: number | null;
  readonly days: number | null;
}

/** Whether the interval of a difference leaves out 0. */
export function excludesZero({ ci95: [low, high] }: MetricComparison): boolean {
  return low > 0 || high < 0;
}
