/** Options of the evaluation: the `evaluation:` part of a pipeline file, next to the protocols. */
import { z } from "zod";
import { listKinds, type MetricKind, metricKinds, rankKinds } from "./metrics/metric-kinds.ts";

const compareSchemaOf = (metricName: z.ZodType<string, string>) =>
  z.strictObject({
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

/** The options with the names of the given metrics. */
export function evaluationOptionsSchemaOf(kinds: readonly MetricKind[]) {
  const ranks = namesOf(rankKinds(kinds));
  const lists = namesOf(listKinds(kinds));
  const metricName = cutName(ranks, 'expected a metric such as "ndcg@10"');
  return z.strictObject({
    metrics: z
      .array(metricName)
      .min(1)
      .default(["ndcg@10", "ndcg@20", "recall@10", "recall@20", "map@10"])
      .describe(`metrics to report, the primary one first: ${ranks.join(", ")}, then @ and the list length`),
    listMetrics: z
      .array(cutName(lists, 'expected a figure such as "gini@10"'))
      .default([])
      .describe(`what the catalog lists are like, beside being right: ${lists.join(", ")}, then @ and the list length`),
    tailSupport: z.int().min(0).default(10).describe("largest training support that tail-share counts as tail"),
    users: z
      .int()
      .min(1)
      .default(20_000)
      .describe(
        "at most so many users (query items where these are asked) are measured, a seeded sample; every item competes",
      ),
    resamples: z
      .int()
      .min(100)
      .default(1000)
      .describe("bootstrap resamples of the users, and of the items, behind every interval"),
    seed: z
      .int()
      .default(1)
      .describe("seed of the bootstrap, of the sample of users, and of the order among equal scores"),
    compare: compareSchemaOf(metricName).prefault({}).describe("paired comparisons"),
  });
}

/** The options with the built-in metrics. */
export const evaluationOptionsSchema = evaluationOptionsSchemaOf(metricKinds);

export type EvaluationOptions = z.input<typeof evaluationOptionsSchema>;
export type ParsedEvaluationOptions = z.output<typeof evaluationOptionsSchema>;

function namesOf(kinds: readonly MetricKind[]): string[] {
  return kinds.map(({ name }) => name);
}

/** One of the names, "@" and a length from 1. */
function cutName(names: readonly string[], expected: string): z.ZodType<string, string> {
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return z.string().regex(new RegExp(`^(${escaped.join("|")})@[1-9][0-9]*$`), `${expected} (${names.join(", ")})`);
}
