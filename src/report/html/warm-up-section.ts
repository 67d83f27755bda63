/** The warm-up curve: how figures grow with the number of interactions that an item has had. One line a model. */
import { z } from "zod";
import type { EvaluationReport, MetricResult } from "../../evaluation/report.ts";
import { figureAxis, stepAxis } from "./figure-scale.ts";
import { decimalOf, metricText } from "./figures.ts";
import { figuresTables } from "./figures-tables.ts";
import { colourOf } from "./line-colours.ts";
import { linePlot } from "./line-plot.ts";
import { html, type Markup } from "./markup.ts";
import { factsOf, purposeOf } from "./protocol-words.ts";

/** The section of a report whose slices stand for one support each: n = 0, 1, 3, ... */
export function warmUpSection(report: EvaluationReport): Markup {
  const sets = (["slice", "catalog"] as const).filter((set) => report.results.some(isStep(report, set)));
  return html`${purposeOf(report)}
<p>${overtakingText(report)}Whiskers are 95 % intervals over the users.</p>
<div class="panels">${sets.map((set) => warmUpPlot(report, set))}</div>
${figuresTables(report)}
${factsOf(report)}`;
}

const overtakingSchema = z.object({
  behaviour: z.string(),
  content: z.string(),
  catalog: z.number().nullable(),
  slice: z.number().nullable(),
});

/** Where behaviour reaches content, as the report has read it off. */
function overtakingText({ protocol }: EvaluationReport): string {
  const { data } = overtakingSchema.safeParse(protocol.overtaking);
  if (data === undefined) return "";
  const at = (n: number | null) => (n === null ? "at no n measured" : `at n = ${n}`);
  const { behaviour, content, slice, catalog } = data;
  return `${behaviour} reaches ${content} ${at(slice)} among the items of the slice and ${at(catalog)} against the whole catalog. `;
}

const AMONG = { slice: "ranked among the items of the slice", catalog: "ranked among the whole catalog" } as const;

function warmUpPlot(report: EvaluationReport, candidates: "slice" | "catalog"): Markup {
  const metric = report.results[0].metric;
  const results = report.results.filter((result) => result.metric === metric && isStep(report, candidates)(result));
  const reference = report.comparisons[0]?.a ?? "hybrid";
  const models = [...new Set(results.map(({ model }) => model))];
  const steps = [...new Set(results.map((result) => stepOf(report, result)))].sort((a, b) => a - b);
  const pointOf = (result: MetricResult) => ({
    x: stepOf(report, result),
    y: result.value,
    interval: result.ci95,
    tip: `${result.model}, n = ${stepOf(report, result)}: ${decimalOf(result.value)}, 95 % interval ${result.ci95.map(decimalOf).join(" to ")}`,
  });
  return linePlot({
    title: `${metricText(metric)}, ${AMONG[candidates]}`,
    description: `${metricText(metric)} of ${models.join(", ")} for items with ${steps.join(", ")} interactions`,
    x: stepAxis(steps),
    y: figureAxis(Math.max(...results.map(({ ci95 }) => ci95[1]))),
    xLabel: "interactions given back (n)",
    yLabel: metricText(metric),
    lines: models.map((model, place) => ({
      name: model,
      colour: colourOf(model, reference, place),
      points: results
        .filter((result) => result.model === model)
        .map(pointOf)
        .sort((a, b) => a.x - b.x),
      marked: true,
    })),
  });
}

function isStep(report: EvaluationReport, set: MetricResult["candidates"]) {
  return (result: MetricResult) => result.candidates === set && !Number.isNaN(stepOf(report, result));
}

function stepOf({ protocol }: EvaluationReport, { slice }: MetricResult): number {
  const record = protocol.slices.find(({ name }) => name === slice);
  return record !== undefined && record.minimum === record.maximum ? record.minimum : Number.NaN;
}
