/** `tailrec split` and `tailrec evaluate --scores`: the pipeline's splits as files, and anybody's lists measured on them like our own. */
import { basename, extname, join, resolve } from "node:path";
import type { PipelineConfig } from "../config.ts";
import { writeFilesAtomic } from "../data/atomic-write.ts";
import { type IngestContext, ingest } from "../data/ingest.ts";
import { type ListFile, readListFile } from "../data/list-file.ts";
import { type Split, splitColdItems, splitWarmTail } from "../data/split.ts";
import { readSplit, splitFiles } from "../data/split-files.ts";
import { TailrecError } from "../errors.ts";
import { measureSplit } from "../evaluation/evaluate.ts";
import { formatMarkdown } from "../evaluation/markdown-report.ts";
import type { EvaluationOptions } from "../evaluation/options.ts";
import { summariseSplits } from "../evaluation/pooled-report.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import type { RunContext } from "../run-context.ts";
import { detailFiles, rankMetricsOf } from "./detail-files.ts";
import { fingerprintOf } from "./preparation.ts";

export interface WrittenSplit {
  readonly folder: string;
  readonly description: Split["description"];
}

/** The cold-items and warm-tail splits of the pipeline in `output`: `<kind>/`, or `<kind>/seed-<n>/` where it names several seeds. */
export async function writeSplits(
  config: PipelineConfig,
  output: string,
  context: IngestContext,
): Promise<WrittenSplit[]> {
  const ingested = await ingest(config.data, context);
  const { interactions, userIds, catalog } = ingested;
  const fingerprint = fingerprintOf(ingested);
  const { coldItems, warmTail, seeds } = config.evaluation;
  const made = [
    ...(coldItems
      ? (seeds ?? [coldItems.seed]).map((seed) => splitColdItems(interactions, { ...coldItems, seed }))
      : []),
    ...(warmTail ? (seeds ?? [warmTail.seed]).map((seed) => splitWarmTail(interactions, { ...warmTail, seed })) : []),
  ];
  const placed = made.map((split) => {
    const { kind, seed } = split.description;
    return { split, folder: join(resolve(output), String(kind), seeds && seeds.length > 1 ? `seed-${seed}` : "") };
  });
  const files = placed.flatMap(({ split, folder }) =>
    splitFiles(folder, { dataset: config.name, fingerprint, split, userIds, itemIds: catalog.ids }),
  );
  await writeFilesAtomic(files);
  return placed.map(({ split, folder }) => ({ folder, description: split.description }));
}

export interface ListsEvaluation {
  readonly report: EvaluationReport;
  /** By contender: rows read, and how many of them name nobody and nothing of the split. */
  readonly files: readonly ({ readonly name: string } & Omit<ListFile, "lists">)[];
}

/**
 * Measures files of lists on a written split: complete, with the same metrics and slices as a pipeline. `scores` are paths or
 * "name=path"; the first is compared with every other. Writes what a pipeline does to `output`, if given.
 */
export async function evaluateLists(
  splitFolder: string,
  scores: readonly string[],
  output: string | undefined,
  context: RunContext,
): Promise<ListsEvaluation> {
  const { manifest, train, test, userIds, itemIds } = await readSplit(splitFolder, context);
  const named = scores.map(namedPath);
  const read = [];
  for (const { name, path } of named) read.push({ name, ...(await readListFile(path, userIds, itemIds, context)) });
  const contenders = read.map(({ name, lists }) => ({ name, lists }));
  const options: EvaluationOptions = {
    listMetrics: ["item-coverage@10", "user-coverage@10", "gini@10", "novelty@10", "tail-share@10"],
    compare: { reference: named[0].name },
  };
  const kind = String(manifest.split.kind);
  const protocol = { ...manifest.split, kind, data: { fingerprint: manifest.fingerprint } };
  const split = await measureSplit({ train, test, contenders, dataset: manifest.dataset, protocol }, options, context);
  const report = await summariseSplits([split], options, context);
  if (output !== undefined) {
    const metrics = rankMetricsOf(report);
    await writeFilesAtomic([
      [join(resolve(output), kind, "metrics.json"), `${JSON.stringify(report, null, 1)}\n`],
      [join(resolve(output), kind, "report.md"), formatMarkdown(report)],
      ...detailFiles(resolve(output), { kind, metrics, splits: [split], rowIds: userIds, itemIds }),
    ]);
  }
  return { report, files: read.map(({ lists: _, ...counts }) => counts) };
}

function namedPath(text: string): { name: string; path: string } {
  const place = text.indexOf("=");
  const path = text.slice(place + 1);
  const name = place > 0 ? text.slice(0, place) : basename(path).replace(/\.gz$/, "").replace(extname(path), "");
  if (path === "")
    throw new TailrecError("INVALID_ARGUMENT", `expected --scores <file> or <name>=<file>, received "${text}"`);
  return { name, path };
}
