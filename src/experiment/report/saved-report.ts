/** The page made again from what a run saved: `report.json`, and `metrics.json` in a folder for each protocol. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { requireOutsideInputs } from "../../data/files/output-paths.ts";
import { TailrecError } from "../../errors.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { evaluationReportSchema } from "../../evaluation/report-schema.ts";
import { readError } from "../../file-errors.ts";
import { describeMismatch } from "../../options.ts";
import { formatHtml } from "../../report/html/page.ts";
import type { ReportData } from "../../report/html/report-data.ts";
import { reportDocumentSchema } from "../../report/html/report-document.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { type ProtocolExtensions, protocolsWith } from "../protocols/protocol-kinds.ts";

/**
 * The data of the page. Without `report.json` every folder with metrics counts, and the page shows figures alone.
 * FILE_NOT_FOUND where there is nothing to show, UNREADABLE_INPUT for a file that is not of a report.
 */
export async function readSavedReport(folder: string, extensions: ProtocolExtensions = {}): Promise<ReportData> {
  const document = await readJson(join(folder, "report.json"), reportDocumentSchema);
  const kinds = document?.protocols ?? (await subfolders(folder));
  const read = kinds.map((kind) => readJson(join(folder, kind, "metrics.json"), evaluationReportSchema));
  const evaluations = (await Promise.all(read)).filter((report) => report !== undefined);
  if (document === undefined && evaluations.length === 0) {
    const message = `${folder}: expected report.json or <protocol>/metrics.json, found neither; make them by tailrec run or tailrec evaluate`;
    throw new TailrecError("FILE_NOT_FOUND", message);
  }
  const protocols = protocolsWith(extensions);
  return { evaluations: evaluations.map((report) => spoken(report, protocols)), ...(document && { document }) };
}

/** Reports of earlier versions do not say what their protocol says of them. */
function spoken(report: EvaluationReport, protocols: readonly Protocol[]): EvaluationReport {
  const protocol = protocols.find(({ name }) => name === report.protocol.kind);
  return report.words !== undefined || protocol === undefined ? report : { ...report, words: protocol.words(report) };
}

export interface RemadePage {
  readonly out: string;
  readonly protocols: readonly string[];
  readonly bytes: number;
}

/** Writes the page to `out`, or as report.html into the folder. INVALID_ARGUMENT where that would be one of the saved files. */
export async function remakeReport(folder: string, out = join(folder, "report.html")): Promise<RemadePage> {
  const data = await readSavedReport(folder);
  const protocols = data.evaluations.map(({ protocol }) => protocol.kind);
  await requireOutsideInputs([out], [join(folder, "report.json"), ...protocols.map((kind) => join(folder, kind))]);
  const page = formatHtml(data);
  await writeFileAtomic(out, page);
  return { out, protocols, bytes: Buffer.byteLength(page) };
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw readError(folder, cause);
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Undefined where there is no such file. */
async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw readError(path, error);
  });
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  throw unreadable(path, describeMismatch(parsed.error), parsed.error);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(path: string, reason: string, cause: unknown): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `${path}: not of a report (${reason}); run the pipeline again`, {
    cause,
  });
}
