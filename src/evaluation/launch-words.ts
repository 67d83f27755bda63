/** What a launch report says: how much of the truth and of the lists launched items have, and both parts of it as a picture. */
import { decimalOf } from "./decimals.ts";
import { labelOf } from "./metrics/metric-kinds.ts";
import type { EvaluationReport, MetricResult, ReportPlot, ReportWords } from "./report.ts";

/** Figures of the lists that every launch report has: what is shown at all, and what launched items get of it. */
export const LAUNCH_METRICS = ["item-coverage@10", "launched-share@10"];

export function launchWords(report: EvaluationReport): ReportWords {
  return {
    title: "Launch",
    purpose:
      "Some items are launched with none or few interactions. The models rank the whole catalog for what users took next, old or new.",
    headline: { slice: "all", candidates: "catalog" },
    findings: launchFindings(report),
    plots: launchPlots(report),
    drawsSlices: true,
  };
}

function launchFindings({ protocol: { slices }, results }: EvaluationReport): string[] {
  const targetsOf = (name: string) => slices.find((slice) => slice.name === name)?.targets ?? 0;
  const shares = results.filter(({ metric }) => metric === "launched-share@10");
  if (shares.length === 0) return [];
  const ofTruth = `launched items are ${percent(targetsOf("launched") / targetsOf("all"))} of what users took next`;
  const ofPlaces = shares.map(({ model, value }) => `${model} ${percent(value)}`).join(", ");
  return [ofTruth, `of the first ten places they get: ${ofPlaces}`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The first metric of known against launched items: a point a model, a line where its dial is turned or places are kept. */
function launchPlots({ results, curves = [] }: EvaluationReport): ReportPlot[] {
  const metric = results[0]?.metric ?? "";
  const parts = results.filter((result) => result.metric === metric);
  const pointsOf = (figures: readonly Figure[], noteOf: (known: Figure) => string) =>
    figures
      .filter(({ slice }) => slice === "known")
      .flatMap((known) => {
        const launched = figures.find(({ slice, at }) => slice === "launched" && at === known.at);
        if (launched === undefined) return [];
        const note = `${noteOf(known)}: known ${decimalOf(known.value)}, launched ${decimalOf(launched.value)}`;
        return [{ x: known.value, y: launched.value, note }];
      });
  const names = [...new Set(parts.map(({ model }) => model))];
  const models = [...new Set(names.map(familyOf))].map((family) => ({
    name: family,
    points: names
      .filter((name) => familyOf(name) === family)
      .flatMap((name) =>
        pointsOf(
          parts.filter(({ model }) => model === name),
          () => name,
        ),
      ),
  }));
  const dials = curves
    .filter(({ kind }) => kind === "tail-dial")
    .map(({ model, points }) => ({
      name: `${model}, dial turned`,
      points: pointsOf(points, ({ at }) => `${model}, dial at ${at}`),
    }));
  const lines = [...models, ...dials].filter(({ points }) => points.length > 0);
  if (lines.length === 0) return [];
  return [
    {
      title: `${labelOf(metric)}: known items against launched items`,
      description: `${labelOf(metric)} of the known part and of the launched part, for ${lines.map(({ name }) => name).join(", ")}`,
      x: { label: "known items", scale: "figures" },
      y: { label: "launched items", scale: "figures" },
      lines,
    },
  ];
}

/** Lists that differ by how many places they keep are one line: "slots" for "slots-1". Other models may end in a number too. */
function familyOf(model: string): string {
  return /^(slots|new-places)-[\d.]+$/.exec(model)?.[1] ?? model;
}

/** A figure, and where the dial stood if it was turned. */
type Figure = Pick<MetricResult, "slice" | "value"> & { readonly at?: number };
