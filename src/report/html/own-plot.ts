/** A picture that a protocol draws of its own figures. */
import type { EvaluationReport, PlotAxis, ReportPlot } from "../../evaluation/report.ts";
import { type Axis, figureAxis, stepAxis } from "./figure-scale.ts";
import { colourOf } from "./line-colours.ts";
import { linePlot } from "./line-plot.ts";
import type { Markup } from "./markup.ts";

export function ownPlot({ comparisons }: EvaluationReport, { title, description, x, y, lines }: ReportPlot): Markup {
  const reference = comparisons[0]?.a ?? "hybrid";
  const points = lines.flatMap((line) => line.points);
  return linePlot({
    title,
    description,
    x: axisOf(
      x,
      points.map((point) => point.x),
    ),
    y: axisOf(
      y,
      points.flatMap((point) => [point.y, ...(point.interval ?? [])]),
    ),
    xLabel: x.label,
    yLabel: y.label,
    lines: lines.map(({ name, points: own }, place) => ({
      name,
      colour: colourOf(name, reference, place),
      points: own.map(({ note, ...point }) => ({ ...point, tip: note })).sort((a, b) => a.x - b.x),
      marked: true,
    })),
  });
}

function axisOf({ scale }: PlotAxis, values: readonly number[]): Axis {
  switch (scale) {
    case "steps":
      return stepAxis([...new Set(values)].sort((a, b) => a - b));
    case "figures":
      return figureAxis(Math.max(...values));
  }
}
