/** What is said of a report: by the protocol that made it, or plainly where none has spoken. */
import type { EvaluationReport, Place, ReportWords } from "../evaluation/report.ts";

export function wordsOf(report: EvaluationReport): ReportWords {
  return report.words ?? { title: sentenceCase(report.protocol.kind), purpose: "", headline: widestPlace(report) };
}

/** Whom figures are averaged over: "users", or what a protocol asks instead of them. */
export function askersOf({ protocol }: EvaluationReport): string {
  return typeof protocol.rows === "string" ? protocol.rows : "users";
}

/** "cold-items" becomes "Cold items". */
function sentenceCase(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("-", " ");
}

/** All items in the whole catalog; where that was not asked, what was asked first. */
function widestPlace({ results: [first] }: EvaluationReport): Place {
  const whole: Place = { slice: "all", candidates: "catalog" };
  return first === undefined || first.slice === whole.slice ? whole : first;
}
