/** What the page is made of: the evaluations of one run, and the document that holds the rest where there is one. */
import type { EvaluationReport } from "../../evaluation/report.ts";
import type { ReportDocument } from "./report-document.ts";

export interface ReportData {
  readonly evaluations: readonly EvaluationReport[];
  readonly document?: ReportDocument;
}
