/** `tailrec split` and `tailrec evaluate --scores`: the pipeline's splits as files, and anybody's lists measured on them like our own. */
import { basename, extname, join, resolve } from "node:path";
import type { PipelineConfig } from "../config.ts";
import { writeTogether } from "../data/files/atomic-write.ts";
import { type ListFile, type ListOwners, readListFile } from "../data/files/list-file.ts";
import { type IngestContext, ingest } from "../data/ingest/ingest.ts";
import { type Split, splitColdItems, splitWarmTail } from "../data/splits/split.ts";
import { readSplit, type SavedSplit, splitFiles } from "../data/splits/split-files.ts";
import { TailrecError } from "../errors.ts";
import { measureSplit } from "../evaluation/evaluate.ts";
import type { EvaluationInput } from "../evaluation/evaluation-input.ts";
import { type EvaluationOptions, evaluationOptionsSchema } from "../evaluation/options.ts";
import type { Contender } from "../evaluation/ranking/scorer.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import {
  LIFT_METRICS,
  type SimilarItemsOptions,
  similarItemsInput,
  similarItemsOptionsSchema,
  similarTruth,
} from "../evaluation/similar-items.ts";
import { summariseSplits } from "../evaluation/summary/pooled-report.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { formatMarkdown } from "../report/markdown-report.ts";
import type { RunContext } from "../run-context.ts";
import { detailFiles, rankMetricsOf } from "./detail-files.ts";
import { fingerprintOf } from "./preparation.ts";

export interface WrittenSplit {
  readonly folder: string;
  readonly description: Split["description"];
}

/**
 * The cold-items and warm-tail splits of the pipeline in `output`, and similar-items where it asks for them: `<kind>/`, or
 * `<kind>/seed-<n>/` where it names several seeds.
 */
export async function writeSplits(
  config: PipelineConfig,
  output: string,
  context: IngestContext,
): Promise<WrittenSplit[]> {
  const ingested = await ingest(config.data, context);
  const { interactions, userIds, catalog } = ingested;
  const fingerprint = fingerprintOf(ingested);
  const { coldItems, warmTail, similarItems, seeds } = config.evaluation;
  const cold = coldItems
    ? (seeds ?? [coldItems.seed]).map((seed) => splitColdItems(interactions, { ...coldItems, seed }))
    : [];
  const warm = warmTail
    ? (seeds ?? [warmTail.seed]).map((seed) => splitWarmTail(interactions, { ...warmTail, seed }))
    : [];
  const similar = similarItems ? warm.map((split) => similarSplit(split, similarItems)) : [];
  const made: { readonly split: Split; readonly truth?: SparseMatrix }[] = [
    ...[...cold, ...warm].map((split) => ({ split })),
    ...similar,
  ];
  const placed = made.map(({ split, truth }) => {
    const { kind, seed } = split.description;
    const folder = join(resolve(output), String(kind), seeds && seeds.length > 1 ? `seed-${seed}` : "");
    return { split, truth, folder };
  });
  const files = placed.flatMap(({ split, truth, folder }) =>
    splitFiles(folder, { dataset: config.name, fingerprint, split, userIds, itemIds: catalog.ids, truth }),
  );
  await writeTogether(files);
  return placed.map(({ split, folder }) => ({ folder, description: split.description }));
}

/** A warm-tail split asked for similar items. The relation is written as it was resolved, so that reading needs no guess. */
function similarSplit(split: Split, options: SimilarItemsOptions): { split: Split; truth: SparseMatrix } {
  const { truth, relation } = similarTruth(split.train, split.test, options);
  const { windowDays = null } = options;
  const description = {
    ...split.description,
    kind: "similar-items",
    relation,
    windowDays,
    pairs: truth.indices.length,
  };
  return { split: { ...split, description }, truth };
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
  const saved = await readSplit(splitFolder, context);
  const { manifest, itemIds } = saved;
  const kind = String(manifest.split.kind);
  const owners: ListOwners =
    kind === "similar-items" ? { column: "query", ids: itemIds } : { column: "user", ids: saved.userIds };
  const named = scores.map(namedPath);
  const read = [];
  for (const { name, path } of named) read.push({ name, ...(await readListFile(path, owners, itemIds, context)) });
  const contenders = read.map(({ name, lists }) => ({ name, lists }));
  const { metrics } = parseOptions(evaluationOptionsSchema, {}, "evaluation");
  const options: EvaluationOptions = {
    metrics: kind === "similar-items" ? [...metrics, ...LIFT_METRICS] : metrics,
    listMetrics: ["item-coverage@10", "user-coverage@10", "gini@10", "novelty@10", "tail-share@10"],
    compare: { reference: named[0].name },
  };
  const protocol = { ...manifest.split, kind, data: { fingerprint: manifest.fingerprint } };
  const input = { ...targetsOf(saved, contenders), dataset: manifest.dataset, protocol };
  const split = await measureSplit(input, options, context);
  const report = await summariseSplits([split], options, context);
  if (output !== undefined) {
    await writeTogether([
      [join(resolve(output), kind, "metrics.json"), `${JSON.stringify(report, null, 1)}\n`],
      [join(resolve(output), kind, "report.md"), formatMarkdown(report)],
      ...detailFiles(resolve(output), {
        kind,
        metrics: rankMetricsOf(report),
        splits: [split],
        rowIds: owners.ids,
        itemIds,
      }),
    ]);
  }
  return { report, files: read.map(({ lists: _, ...counts }) => counts) };
}

/** What is asked of the lists: users' held-out items, or what follows each query item. */
function targetsOf({ manifest, train, test }: SavedSplit, contenders: readonly Contender[]): EvaluationInput {
  const { kind, relation, windowDays } = manifest.split;
  if (kind !== "similar-items") return { train, test, contenders };
  const truth = similarTruth(
    train,
    test,
    parseOptions(similarItemsOptionsSchema, { relation, windowDays }, "similar-items"),
  );
  return similarItemsInput(train, truth, contenders);
}

function namedPath(text: string): { name: string; path: string } {
  const place = text.indexOf("=");
  const path = text.slice(place + 1);
  const name = place > 0 ? text.slice(0, place) : basename(path).replace(/\.gz$/, "").replace(extname(path), "");
  if (path === "")
    throw new TailrecError("INVALID_ARGUMENT", `expected --scores <file> or <name>=<file>, received "${text}"`);
  return { name, path };
}
