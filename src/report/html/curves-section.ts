/** What moves at query time: figures along the tail dial, and along the number of leading dimensions kept. */
import { curveKinds } from "../../evaluation/curve-kinds.ts";
import type { CurvePoint, EvaluationReport, ReportCurve } from "../../evaluation/report.ts";
import { figureAxis, stepAxis } from "./figure-scale.ts";
import { decimalOf, labelOf } from "./figures.ts";
import { sliceColour } from "./line-colours.ts";
import { linePlot } from "./line-plot.ts";
import { html, type Markup } from "./markup.ts";

/** Nothing where no evaluation has curves. */
export function curvesSection(evaluations: readonly EvaluationReport[]): Markup | undefined {
  const charts = evaluations.flatMap((report) =>
    (report.curves ?? []).map((curve) => ({ report, curve: { ...curve, points: curve.points.filter(isEnough) } })),
  );
  if (charts.length === 0) return undefined;
  const kinds = [...new Set(charts.map(({ curve }) => curve.kind))];
  return html`${kinds.map((kind) => html`<h3>${curveKinds[kind].title}</h3><p>${curveKinds[kind].text}</p><div class="panels">${charts.filter(({ curve }) => curve.kind === kind).flatMap(({ report, curve }) => curvePlots(report, curve))}</div>`)}`;
}

/** A slice that fewer users met shows noise. */
function isEnough({ n }: CurvePoint): boolean {
  return n >= 30;
}

/** A plot for each metric and candidate set, a line for each slice. */
function curvePlots(report: EvaluationReport, curve: ReportCurve): Markup[] {
  const keys = [...new Set(curve.points.map(({ metric, candidates }) => `${metric} ${candidates}`))];
  return keys.map((key) =>
    curvePlot(
      report,
      curve,
      curve.points.filter(({ metric, candidates }) => `${metric} ${candidates}` === key),
    ),
  );
}

function curvePlot(report: EvaluationReport, { kind, model }: ReportCurve, points: readonly CurvePoint[]): Markup {
  const [{ metric, candidates }] = points;
  const slices = withoutRepeats(report, [...new Set(points.map(({ slice }) => slice))]);
  const places = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b);
  const tipOf = ({ at, slice, value, ci95, n }: CurvePoint) =>
    `${slice}, at ${at}: ${decimalOf(value)}, 95 % interval ${ci95.map(decimalOf).join(" to ")}, ${n} users`;
  const among = candidates === "slice" ? "within the slice" : "whole catalog";
  return linePlot({
    title: `${model}: ${labelOf(metric)}, ${among}, ${report.protocol.kind}`,
    description: `${labelOf(metric)} of ${model} by ${curveKinds[kind].axis}, for ${slices.join(", ")}`,
    x: stepAxis(places),
    y: figureAxis(Math.max(...points.map(({ ci95 }) => ci95[1]))),
    xLabel: curveKinds[kind].axis,
    yLabel: labelOf(metric),
    lines: slices.map((slice) => ({
      name: slice,
      colour: sliceColour(report.protocol.slices.find(({ name }) => name === slice)),
      points: points
        .filter((point) => point.slice === slice)
        .map((point) => ({ x: point.at, y: point.value, interval: point.ci95, tip: tipOf(point) }))
        .sort((a, b) => a.x - b.x),
      marked: true,
    })),
    table: curveTable(points, places, slices),
  });
}

/** Where every target lies in one slice, "all" says the same again. */
function withoutRepeats({ protocol }: EvaluationReport, slices: readonly string[]): string[] {
  const targetsOf = (slice: string) => protocol.slices.find(({ name }) => name === slice)?.targets;
  const repeats = slices.some((slice) => slice !== "all" && targetsOf(slice) === targetsOf("all"));
  return slices.filter((slice) => slice !== "all" || !repeats);
}

function curveTable(points: readonly CurvePoint[], places: readonly number[], slices: readonly string[]): Markup {
  const cell = (at: number, slice: string) => {
    const point = points.find((candidate) => candidate.at === at && candidate.slice === slice);
    return html`<td class="number">${point && html`${decimalOf(point.value)} <small>${point.ci95.map(decimalOf).join("–")}</small>`}</td>`;
  };
  return html`<table class="figures"><thead><tr><th scope="col">at</th>${slices.map((slice) => html`<th scope="col" class="number">${slice}</th>`)}</tr></thead><tbody>${places.map((at) => html`<tr><th scope="row">${at}</th>${slices.map((slice) => cell(at, slice))}</tr>`)}</tbody></table>`;
}
