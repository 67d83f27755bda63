/**
 * Interactions that an engine has merged to user-item pairs already: judged, weighed and decayed by the pipeline's own rules, with a
 * report beside them. They are read as they are, and the rest of the run knows no difference.
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { dayOf } from "../../data/ingest/cells/time-format.ts";
import { type Ingested, ingest } from "../../data/ingest/ingest.ts";
import type { ParsedIngestOptions } from "../../data/ingest/ingest-options.ts";
import type { IngestReport, ReasonSummary } from "../../data/ingest/rejects.ts";
import { parquetFilesAt } from "../../data/ingest/vector-tables.ts";
import { TailrecError } from "../../errors.ts";
import { isAbsence, readError } from "../../file-errors.ts";
import { describeMismatch } from "../../options.ts";
import type { PipelineContext } from "../pipeline-context.ts";

const count = z.int().nonnegative();

const mergedReportSchema = z.strictObject({
  source: z.string(),
  rows: count,
  rejected: z.record(z.string(), count),
  ignoredEvents: count,
  belowMinimum: count,
  merged: count,
  withoutTime: count,
  weightUnit: z.number().positive(),
  /** How the times were read; null where there are none. */
  timeForm: z.string().nullable(),
  decay: z.strictObject({ latest: z.number(), medianShare: z.number() }).nullable(),
});

type MergedReport = z.output<typeof mergedReportSchema>;

/**
 * The data with the pairs, and with the items, that lie in the stage folder. SHARDS_MISSING without them, TOO_MANY_REJECTS as
 * `ingest`, and its errors.
 */
export async function ingestMerged(
  data: ParsedIngestOptions,
  context: PipelineContext & { readonly stageFolder: string },
): Promise<Ingested> {
  if (data.log !== null) {
    const message =
      "data.log: the Spark engine reads no log of a service; leave it out, and bring the bundle forward by tailrec update --log";
    throw new TailrecError("INVALID_OPTIONS", message);
  }
  const folder = resolve(context.stageFolder);
  const merged = await readReport(join(folder, "pairs.json"));
  requireFewRejects(merged, data.maximumRejectedShare);
  const items = join(folder, "items");
  const hasItems = (await parquetFilesAt(items)).length > 0;
  const read = await ingest(
    {
      ...data,
      interactions: {
        path: join(folder, "pairs"),
        format: "parquet",
        columns: { user: "user", item: "item", weight: "weight", time: merged.timeForm === null ? null : "time" },
        timeFormat: merged.timeForm === "order" ? "order" : "epoch-seconds",
      },
      ...(hasItems && { items: { ...data.items, ...picturesStay(data, context), path: items, format: "parquet" } }),
    },
    { ...context, weighing: { unit: 1 } },
  );
  return { ...read, report: reportOf(read.report, merged) };
}

/** Pictures lie where the pipeline has them, wherever the table of items is. */
function picturesStay({ items }: ParsedIngestOptions, { folder }: PipelineContext) {
  return { imageFolder: items.imageFolder ?? resolve(folder, items.path, "..") };
}

async function readReport(path: string): Promise<MergedReport> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    if (!isAbsence(cause)) throw readError(path, cause);
    const message = `${path} does not exist: the interactions have not been merged; run python -m tailrec_spark, or --engine local`;
    throw new TailrecError("SHARDS_MISSING", message, { cause });
  });
  const parsed = mergedReportSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  throw new TailrecError(
    "UNREADABLE_INPUT",
    `${path}: ${describeMismatch(parsed.error)}; merge the interactions again`,
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireFewRejects({ source, rows, rejected }: MergedReport, maximum: number): void {
  const total = sumOf(rejected);
  if (total <= maximum * rows) return;
  const reasons = Object.entries(rejected).map(([reason, number]) => `${number} x ${reason}`);
  const message = `${source}: ${total} of ${rows} rows rejected, allowed a share of ${maximum}: ${reasons.join(", ")}; mend the data or raise maximumRejectedShare`;
  throw new TailrecError("TOO_MANY_REJECTS", message);
}

function reportOf(report: IngestReport, { source, rejected, timeForm, decay, ...counts }: MergedReport): IngestReport {
  const { interactions } = report;
  if (interactions === undefined) return report;
  const { times, ...pairs } = interactions;
  const reasons = Object.entries(rejected).map(
    ([reason, number]): ReasonSummary => ({ reason, count: number, samples: [] }),
  );
  return {
    ...report,
    interactions: {
      ...pairs,
      ...counts,
      file: source,
      rejected: sumOf(rejected),
      ...(times && timeForm !== null && { times: { ...times, form: timeForm } }),
      ...(decay && { decay: { ...decay, from: dayOf(decay.latest) } }),
    },
    summary: [...report.summary, ...reasons].sort((a, b) => b.count - a.count),
  };
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0);
}
