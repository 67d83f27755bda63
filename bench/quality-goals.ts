/** What is asked of the hybrid, held against the reports of one data set. Nothing is chosen here: figures are compared, no more. */
import type { Candidates, EvaluationReport, MetricComparison } from "../src/evaluation/report.ts";

export interface QualityReports {
  /** launch, pooled over the seeds. */
  readonly launch: EvaluationReport;
  /** cold-items, pooled over the seeds. */
  readonly cold: EvaluationReport;
  /** The same with regression-mse at rank 64 alone. */
  readonly regression: EvaluationReport;
  /** warm-up. */
  readonly rising: EvaluationReport;
  /** warm-tail. */
  readonly next: EvaluationReport;
  /** similar-items, on the splits of warm-tail. */
  readonly similar: EvaluationReport;
}

export const METRIC = "ndcg@10";

export interface Finding {
  readonly asked: string;
  readonly reached: string;
  readonly holds: boolean;
}

/** Leave-last-out on Amazon Scientific: overall at the best end of the dial, and by support at the tail-fair end. */
const AMAZON = { overall: 0.085, tail: { "1-3": 0.065, "4-10": 0.07, "11-20": 0.06 } } as const;

export function judge(dataset: string, reports: QualityReports): Finding[] {
  const findings = [
    ...launchLeads(reports.launch),
    ...keptPlaces(reports.launch),
    coldLead(reports.cold, ["content-knn", "content-ridge"], 1.08),
    coldAgainstPlain(reports),
    placebo(reports.cold),
    ...tailSlices(reports.next),
    overall(reports.next),
    similarLead(reports.similar),
    ...warmUp(reports.rising),
  ];
  return dataset === "amazon-scientific" ? [...findings, ...amazonDial(reports.next)] : findings;
}

function value(report: EvaluationReport, model: string, slice: string, candidates: Candidates): number {
  const found = report.results.find(
    (row) => row.model === model && row.slice === slice && row.candidates === candidates && row.metric === METRIC,
  );
  if (found === undefined) throw new Error(`no ${METRIC} of ${model} in ${slice}, ${candidates}`);
  return found.value;
}

function comparison(
  report: EvaluationReport,
  other: string,
  slice: string,
  candidates: Candidates,
): MetricComparison | undefined {
  return report.comparisons.find(
    (row) =>
      row.a === "hybrid" &&
      row.b === other &&
      row.slice === slice &&
      row.candidates === candidates &&
      row.metric === METRIC,
  );
}

function best(report: EvaluationReport, slice: string, candidates: Candidates, among: readonly string[]): string {
  return among.reduce((most, model) =>
    value(report, model, slice, candidates) > value(report, most, slice, candidates) ? model : most,
  );
}

/** Who might rank old and new items in one list. */
const LAUNCH_RIVALS = ["als", "content-knn", "content-ridge", "item-knn", "ease", "regression-mse"];

function launchLeads(launch: EvaluationReport): Finding[] {
  return LAUNCH_RIVALS.map((rival): Finding => {
    const difference = comparison(launch, rival, "all", "catalog");
    const interval = difference?.ci95.map((end) => end.toFixed(4)).join(" to ");
    return {
      asked: `launch, all: above ${rival}, interval above 0`,
      reached: `${percent(value(launch, "hybrid", "all", "catalog") / value(launch, rival, "all", "catalog"))}, difference ${interval}`,
      holds: difference !== undefined && difference.ci95[0] > 0,
    };
  });
}

/** Lists of the hybrid that keep a share of the places, against those of shops that keep as many. */
function keptPlaces(launch: EvaluationReport): Finding[] {
  return [1, 2, 3].map((places): Finding => {
    const [ours, theirs] = [`new-places-${places / 10}`, `slots-${places}`];
    const parts = (["known", "launched"] as const).map((part) => ({
      part,
      ours: value(launch, ours, part, "catalog"),
      theirs: value(launch, theirs, part, "catalog"),
    }));
    return {
      asked: `launch, ${places} of ten places for launched items: above ${theirs} in both parts`,
      reached: parts.map((one) => `${one.part} ${one.ours.toFixed(4)} against ${one.theirs.toFixed(4)}`).join(", "),
      holds: parts.every((one) => one.ours > one.theirs),
    };
  });
}

const SIMILAR_RIVALS = ["als", "item-knn", "content-knn", "regression-mse"];

function similarLead(similar: EvaluationReport): Finding {
  const rival = best(similar, "all", "catalog", SIMILAR_RIVALS);
  const difference = comparison(similar, rival, "all", "catalog");
  return {
    asked: `similar items: not below the best of ${SIMILAR_RIVALS.join(", ")}`,
    reached: `${percent(value(similar, "hybrid", "all", "catalog") / value(similar, rival, "all", "catalog"))} against ${rival}`,
    holds: difference !== undefined && difference.ci95[1] >= 0,
  };
}

function coldLead(cold: EvaluationReport, contents: readonly string[], factor: number): Finding {
  const rival = best(cold, "cold", "slice", contents);
  const ratio = value(cold, "hybrid", "cold", "slice") / value(cold, rival, "cold", "slice");
  const difference = comparison(cold, rival, "cold", "slice");
  const above = difference !== undefined && difference.ci95[0] > 0;
  const interval = difference?.ci95.map((end) => end.toFixed(4)).join(" to ");
  return {
    asked: `cold: ${percent(factor)} above the better of ${contents.join(" and ")}, interval above 0`,
    reached: `${percent(ratio)} against ${rival}, difference ${interval}`,
    holds: ratio >= factor && above,
  };
}

function coldAgainstPlain({ cold, regression }: QualityReports): Finding {
  const ratio = value(cold, "hybrid", "cold", "slice") / value(regression, "regression-mse", "cold", "slice");
  return { asked: "cold: +20 % above regression-mse at rank 64", reached: percent(ratio), holds: ratio >= 1.2 };
}

function placebo(cold: EvaluationReport): Finding {
  const figure = value(cold, "placebo", "cold", "slice");
  const level = Math.max(value(cold, "als", "cold", "slice"), value(cold, "popularity", "cold", "slice"));
  return {
    asked: "placebo at the level of als or popularity",
    reached: `${figure.toFixed(4)} against ${level.toFixed(4)}`,
    holds: figure <= level * 1.1,
  };
}

const TAIL = ["1-3", "4-10", "11-20"];

function tailSlices(next: EvaluationReport): Finding[] {
  const rivals = [...new Set(next.results.map(({ model }) => model))].filter(
    (model) => !["hybrid", "placebo"].includes(model),
  );
  return (["catalog", "slice"] as const).flatMap((candidates) =>
    TAIL.map((slice): Finding => {
      const rival = best(next, slice, candidates, rivals);
      const ratio = value(next, "hybrid", slice, candidates) / value(next, rival, slice, candidates);
      const difference = comparison(next, rival, slice, candidates);
      const below = difference !== undefined && difference.ci95[1] < 0;
      return {
        asked: `support ${slice}, ${candidates}: not below the best single baseline`,
        reached: `${percent(ratio)} against ${rival}`,
        holds: !below,
      };
    }),
  );
}

function overall(next: EvaluationReport): Finding {
  const ratio = value(next, "hybrid", "all", "catalog") / value(next, "als", "all", "catalog");
  return { asked: "all: at most 1 % below als", reached: percent(ratio), holds: ratio >= 0.99 };
}

function warmUp(rising: EvaluationReport): Finding[] {
  const models = [...new Set(rising.results.map(({ model }) => model))].filter((model) => model !== "hybrid");
  return rising.protocol.slices.map(({ name }): Finding => {
    const rival = best(rising, name, "slice", models);
    const difference = comparison(rising, rival, name, "slice");
    const ratio = value(rising, "hybrid", name, "slice") / value(rising, rival, name, "slice");
    return {
      asked: `warm-up ${name}: at or above the best of the others, within the interval`,
      reached: `${percent(ratio)} against ${rival}`,
      holds: difference === undefined || difference.ci95[1] >= 0,
    };
  });
}

function amazonDial(next: EvaluationReport): Finding[] {
  const dial = next.curves?.find(({ kind, model }) => kind === "tail-dial" && model === "hybrid")?.points ?? [];
  const at = (place: number, slice: string) =>
    dial.find(
      (point) =>
        point.at === place && point.slice === slice && point.candidates === "catalog" && point.metric === METRIC,
    )?.value ?? 0;
  const places = [...new Set(dial.map((point) => point.at))];
  const top = places.reduce((most, place) => (at(place, "all") > at(most, "all") ? place : most), 0);
  const fair = Math.max(...places);
  const als = value(next, "als", "all", "catalog");
  return [
    {
      asked: `next interaction: ${AMAZON.overall} at one end of the dial`,
      reached: `${at(top, "all").toFixed(4)} at ${top}`,
      holds: at(top, "all") >= AMAZON.overall,
    },
    {
      asked: `at the tail-fair end: at least als, ${als.toFixed(4)}`,
      reached: `${at(fair, "all").toFixed(4)} at ${fair}`,
      holds: at(fair, "all") >= als,
    },
    ...Object.entries(AMAZON.tail).map(
      ([slice, least]): Finding => ({
        asked: `at the tail-fair end, support ${slice}: ${least}`,
        reached: at(fair, slice).toFixed(4),
        holds: at(fair, slice) >= least,
      }),
    ),
  ];
}

function percent(ratio: number): string {
  return `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(1)} %`;
}
