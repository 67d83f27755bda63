/** `tailrec evaluate --scores`: anybody's lists measured on a written split like our own. */

import { basename, extname, join, resolve } from "node:path";
import { writeTogether } from "../../data/files/atomic-write.ts";
import { type ListFile, readListFile } from "../../data/files/list-file.ts";
import { readSplit } from "../../data/splits/split-files.ts";
import { TailrecError } from "../../errors.ts";
import { type EvaluationContext, measureSplit } from "../../evaluation/evaluate.ts";
import { metricsWith } from "../../evaluation/metrics/metric-kinds.ts";
import { type EvaluationOptions, evaluationOptionsSchemaOf } from "../../evaluation/options.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { summariseSplits } from "../../evaluation/summary/pooled-report.ts";
import { parseOptions } from "../../options.ts";
import { formatMarkdown } from "../../report/markdown-report.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { type ProtocolExtensions, protocolsWith } from "../protocols/protocol-kinds.ts";
import { askersOf } from "./askers.ts";
import { detailFiles, rankMetricsOf } from "./detail-files.ts";

export interface ListsEvaluation {
  readonly report: EvaluationReport;
  /** By contender: rows read, and how many of them name nobody and nothing of the split. */
  readonly files: readonly ({ readonly name: string } & Omit<ListFile, "lists">)[];
}

/** Figures of the lists that need no content, which files of lists do not bring. */
const LIST_METRICS = ["item-coverage@10", "user-coverage@10", "gini@10", "novelty@10", "tail-share@10"];

/**
 * Measures files of lists on a written split: complete, with the same metrics and slices as a pipeline. `scores` are paths or
 * "name=path"; the first is compared with every other. Writes what a pipeline does to `output`, if given. INVALID_ARGUMENT for a
 * split of a protocol that is not known.
 */
export async function evaluateLists(
  splitFolder: string,
  scores: readonly string[],
  output: string | undefined,
  context: EvaluationContext & ProtocolExtensions,
): Promise<ListsEvaluation> {
  const saved = await readSplit(splitFolder, context);
  const { manifest, itemIds, userIds } = saved;
  const kind = String(manifest.split.kind);
  const { protocol, files } = protocolOf(kind, splitFolder, protocolsWith(context));
  const askers = askersOf(protocol.asks, { userIds, itemIds });
  const named = scores.map(namedPath);
  const read = [];
  for (const { name, path } of named) read.push({ name, ...(await readListFile(path, askers, itemIds, context)) });
  const { metrics } = parseOptions(evaluationOptionsSchemaOf(metricsWith(context)), {}, "evaluation");
  const options: EvaluationOptions = {
    metrics: [...metrics, ...(files.metrics ?? [])],
    listMetrics: [...new Set([...LIST_METRICS, ...(files.listMetrics ?? [])])],
    compare: { reference: named[0].name },
  };
  const asked = files.asked(saved);
  const input = {
    ...asked,
    contenders: read.map(({ name, lists }) => ({ name, lists })),
    dataset: manifest.dataset,
    protocol: { ...manifest.split, ...asked.protocol, kind, data: { fingerprint: manifest.fingerprint } },
  };
  const split = await measureSplit(input, options, context);
  const summary = await summariseSplits([split], options, context);
  const report = { ...summary, words: protocol.words(summary) };
  if (output !== undefined) {
    await writeTogether([
      [join(resolve(output), kind, "metrics.json"), `${JSON.stringify(report, null, 1)}\n`],
      [join(resolve(output), kind, "report.md"), formatMarkdown(report)],
      ...detailFiles(resolve(output), { kind, metrics: rankMetricsOf(report), splits: [split], askers, itemIds }),
    ]);
  }
  return { report, files: read.map(({ lists: _, ...counts }) => counts) };
}

function protocolOf(kind: string, folder: string, protocols: readonly Protocol[]) {
  const protocol = protocols.find(({ name }) => name === kind);
  if (protocol?.files !== undefined) return { protocol, files: protocol.files };
  const known = protocols.flatMap(({ name, files }) => (files === undefined ? [] : [name])).join(", ");
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `${folder}: expected a split of ${known}, received one of "${kind}"; hand in its protocol, or write the split again`,
  );
}

function namedPath(text: string): { name: string; path: string } {
  const place = text.indexOf("=");
  const path = text.slice(place + 1);
  const name = place > 0 ? text.slice(0, place) : basename(path).replace(/\.gz$/, "").replace(extname(path), "");
  if (path === "")
    throw new TailrecError("INVALID_ARGUMENT", `expected scores as <file> or <name>=<file>, received "${text}"`);
  return { name, path };
}
