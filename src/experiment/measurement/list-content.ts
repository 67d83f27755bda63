/** Content vectors for the figures of lists that are measured in them. */
import { listMetricNamed, type MetricExtensions, metricsWith } from "../../evaluation/metrics/metric-kinds.ts";
import type { ParsedEvaluationOptions } from "../../evaluation/options.ts";
import type { Matrix } from "../../math/matrix.ts";
import type { ModelData } from "../models/model-data.ts";

/** Undefined where no metric asks for them. */
export async function contentForLists(
  { directions }: Pick<ModelData, "directions">,
  { listMetrics }: Pick<ParsedEvaluationOptions, "listMetrics">,
  context: MetricExtensions,
): Promise<Matrix | undefined> {
  const kinds = metricsWith(context);
  return listMetrics.some((name) => listMetricNamed(name, kinds).kind.needsContent) ? directions() : undefined;
}
