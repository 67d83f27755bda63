/** Options of the evaluation: the `evaluation:` part of a pipeline file, next to the splits. */
import { z } from "zod";
import { METRIC_NAME } from "./metrics.ts";

const metricName = z.string().regex(METRIC_NAME, 'expected a metric such as "ndcg@10" (ndcg, recall, map, hit, mrr)');

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
    .describe("metrics to report, the primary one first: ndcg, recall, map, hit or mrr, then @ and the list length"),
  resamples: z.int().min(100).default(1000).describe("bootstrap resamples of the users behind every interval"),
  seed: z.int().default(1).describe("seed of the bootstrap"),
  compare: compareSchema.prefault({}).describe("paired comparisons"),
});

export type EvaluationOptions = z.input<typeof evaluationOptionsSchema>;
export type ParsedEvaluationOptions = z.output<typeof evaluationOptionsSchema>;
