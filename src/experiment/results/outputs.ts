/**
 * The files of a run beside its bundle: everything that was left out or could not be used, and each evaluation for machines and
 * for people. They are put in place together, at the end: a run that fails leaves those of the earlier one.
 */
import { join } from "node:path";
import type { FileContent } from "../../data/files/atomic-write.ts";
import { type IngestReport, jsonLines, rejectRecords } from "../../data/ingest/rejects.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import type { UnusableInput } from "../../features/unusable-inputs.ts";
import { leakLine } from "../../leaks/finding.ts";
import { formatHtml } from "../../report/html/page.ts";
import type { ReportDocument } from "../../report/html/report-document.ts";
import { formatMarkdown } from "../../report/markdown-report.ts";
import { detailFiles, type RankedProtocol } from "./detail-files.ts";

export interface RunRecords {
  readonly ingestReport: IngestReport;
  readonly unusable: readonly UnusableInput[];
  readonly reports: readonly EvaluationReport[];
  /** Ranks of the protocols that give them. */
  readonly ranked: readonly RankedProtocol[];
  /** Absent where nothing was evaluated: there is no page then. */
  readonly document?: ReportDocument;
}

/** rejects.jsonl, a folder a protocol with metrics.json, report.md, users.parquet and items.parquet, and report.json with report.html. */
export function outputFiles(folder: string, records: RunRecords): FileContent[] {
  const { ingestReport, unusable, reports, ranked, document } = records;
  const left = [...rejectRecords(ingestReport), ...unusable.map((input) => ({ ...input, kept: true }))];
  const evaluations = reports.flatMap((report): FileContent[] => [
    [join(folder, report.protocol.kind, "metrics.json"), `${JSON.stringify(report, null, 1)}\n`],
    [join(folder, report.protocol.kind, "report.md"), formatMarkdown(report) + leaksMarkdown(report, document)],
  ]);
  return [
    [join(folder, "rejects.jsonl"), jsonLines(left)],
    ...evaluations,
    ...ranked.flatMap((protocol) => detailFiles(folder, protocol)),
    ...pageFiles(folder, reports, document),
  ];
}

function pageFiles(
  folder: string,
  evaluations: readonly EvaluationReport[],
  document: ReportDocument | undefined,
): FileContent[] {
  if (document === undefined) return [];
  return [
    [join(folder, "report.json"), `${JSON.stringify(document)}\n`],
    [join(folder, "report.html"), formatHtml({ evaluations, document })],
  ];
}

/** The findings of the report's protocol, and those about the data. */
function leaksMarkdown({ protocol }: EvaluationReport, document: ReportDocument | undefined): string {
  const leaks = document?.leaks.filter((leak) => leak.protocol === null || leak.protocol === protocol.kind) ?? [];
  return leaks.length === 0 ? "" : `\n**Leak checks**\n\n${leaks.map((leak) => `- ${leakLine(leak)}\n`).join("")}`;
}
