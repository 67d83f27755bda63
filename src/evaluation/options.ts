/** Options of the evaluation: the `evaluation:` part of a pipeline file, next to the splits. */
import { z } from "zod";
import { LIST_METRIC_KINDS, LIST_METRIC_NAME } from "./metrics/list-metrics.ts";
import { METRIC_KINDS, METRIC_NAME } from "./metrics/metrics.ts";

const metricName = z.string().regex(METRIC_NAME, `expected a metric such as "ndcg@10" (${METRIC_KINDS.join(", ")})`);

const listMetricName = z
  .string()
  .regex(LIST_METRIC_NAME, `expected a figure such as "gini@10" (${LIST_METRIC_KINDS.join(", ")})`);

const compareSchema = z.strictObject({
  reference: z
    .string()
    .nullable()
    .default(null)
    .describe('contender that is compared with every other; null: "hybrid" when it takes part, else no comparison'),
  metrics: z
    .array(metricName)
    .nullable()
    .default(null)
    .describe("metrics, out of `metrics`, that are compared; null: the first one"),
});

export const evaluationOptionsSchema = z.strictObject({
  metrics: z
    .array(metricName)
    .min(1)
    .default(["ndcg@10", "ndcg@20", "recall@10", "recall@20", "map@10"])
    .describe(`metrics to report, the primary one first: ${METRIC_KINDS.join(", ")}, then @ and the list length`),
  listMetrics: z
    .array(listMetricName)
    .default([])
    .describe(
      `what the catalog lists are like, beside being right: ${LIST_METRIC_KINDS.join(", ")}, then @ and the list length`,
    ),
  tailSupport: z.int().min(0).default(10).describe("largest training support that tail-share counts as tail"),
  resamples: z
    .int()
    .min(100)
    .default(1000)
    .describe("bootstrap resamples of the users, and of the items, behind every interval"),
  seed: z.int().default(1).describe("seed of the bootstrap"),
  compare: compareSchema.prefault({}).describe("paired comparisons"),
});

export type EvaluationOptions = z.input<typeof evaluationOptionsSchema>;
export type ParsedEvaluationOptions = z.output<typeof evaluationOptionsSchema>;
