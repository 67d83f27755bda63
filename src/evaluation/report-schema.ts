/** The schema of `metrics.json`: what another program, or another version, has written is checked before it is believed. */
import { z } from "zod";
import { type CurveKind, curveKinds } from "./curve-kinds.ts";
import type { EvaluationReport } from "./report.ts";

const interval = z.tuple([z.number(), z.number()]);
const candidates = z.enum(["catalog", "slice"]);
const place = { slice: z.string(), candidates, metric: z.string() };

const resultSchema = z.object({
  model: z.string(),
  ...place,
  value: z.number(),
  ci95: interval,
  n: z.number(),
  ci95Items: interval.optional(),
  splits: z.array(z.number()).optional(),
});

const comparisonSchema = z.object({
  a: z.string(),
  b: z.string(),
  ...place,
  difference: z.number(),
  ci95: interval,
  p: z.number(),
  adjustedP: z.number().optional(),
  ci95Items: interval.optional(),
});

const sliceSchema = z.object({
  name: z.string(),
  minimum: z.number(),
  maximum: z.number().nullable(),
  items: z.number(),
  targets: z.number(),
});

const protocolSchema = z.looseObject({
  kind: z.string(),
  slices: z.array(sliceSchema),
  bootstrap: z.object({ resamples: z.number(), seed: z.number() }),
  definitions: z.record(z.string(), z.string()).optional(),
  families: z.record(z.string(), z.enum(["ranks", "lists", "ratings"])).optional(),
  seeds: z.array(z.number()).optional(),
});

const curveSchema = z.object({
  kind: z.enum(Object.keys(curveKinds) as CurveKind[]),
  model: z.string(),
  points: z.array(z.object({ at: z.number(), ...place, value: z.number(), ci95: interval, n: z.number() })),
});

const axisSchema = z.object({ label: z.string(), scale: z.enum(["steps", "figures"]) });

const pointSchema = z.object({ x: z.number(), y: z.number(), interval: interval.optional(), note: z.string() });

const plotSchema = z.object({
  title: z.string(),
  description: z.string(),
  x: axisSchema,
  y: axisSchema,
  lines: z.array(z.object({ name: z.string(), points: z.array(pointSchema) })),
});

const wordsSchema = z.object({
  title: z.string(),
  purpose: z.string(),
  headline: z.object({ slice: z.string(), candidates }),
  findings: z.array(z.string()).optional(),
  models: z.record(z.string(), z.string()).optional(),
  plots: z.array(plotSchema).optional(),
  drawsSlices: z.boolean().optional(),
});

const trialPolicySchema = z.object({
  name: z.string(),
  shown: z.array(z.number()),
  clicked: z.number(),
  off: z.number(),
  settled: z.number(),
  interactions: z.number().nullable(),
  days: z.number().nullable(),
});

const explorationSchema = z.object({
  days: z.number(),
  users: z.number(),
  items: z.number(),
  policies: z.array(trialPolicySchema).min(1),
});

const ledgerSchema = z.object({
  rows: z.array(z.string()).min(2),
  length: z.number(),
  results: z.array(resultSchema).min(1),
  comparisons: z.array(comparisonSchema),
  exploration: explorationSchema.optional(),
});

export const evaluationReportSchema = z.looseObject({
  dataset: z.string(),
  protocol: protocolSchema,
  results: z.array(resultSchema).min(1),
  comparisons: z.array(comparisonSchema),
  curves: z.array(curveSchema).optional(),
  ledger: ledgerSchema.optional(),
  words: wordsSchema.optional(),
}) satisfies z.ZodType<EvaluationReport>;
