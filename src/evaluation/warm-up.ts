/**
 * The warm-up curve: reports of the same targets at n = 0, 1, 3, ... revealed interactions, joined into one whose slices are
 * "n=0", "n=1", ...; where behaviour overtakes content is read off it.
 */
import { TailrecError } from "../errors.ts";
import type { Candidates, EvaluationReport, SliceRecord } from "./report.ts";
import { levelName, overtakingOf, warmUpWords } from "./warm-up-words.ts";

export interface WarmUpLevelReports {
  /** n. */
  readonly revealed: number;
  /** Reports with the one slice `all`: targets against every item, and against the warm-up items. */
  readonly reports: Readonly<Record<Candidates, EvaluationReport>>;
}

const KIND = "warm-up";

/** One report of all levels. `description` says how the split was made, `overtaking` is added where both models take part. */
export function joinWarmUp(
  levels: readonly WarmUpLevelReports[],
  description: Readonly<Record<string, unknown>>,
): EvaluationReport {
  if (levels.length === 0) throw new TailrecError("INVALID_ARGUMENT", "expected at least one warm-up level");
  const parts = levels.flatMap(({ revealed, reports }) =>
    (["catalog", "slice"] as const).map((candidates) => relabelled(reports[candidates], revealed, candidates)),
  );
  const results = parts.flatMap((part) => part.results);
  const { dataset, protocol } = levels[0].reports.catalog;
  const overtaking = overtakingOf(results);
  const slices = levels.map(sliceOf);
  const joined = {
    dataset,
    protocol: { ...protocol, ...description, kind: KIND, ...(overtaking && { overtaking }), slices },
    results,
    comparisons: parts.flatMap((part) => part.comparisons),
  };
  return { ...joined, words: warmUpWords(joined) };
}

function relabelled(report: EvaluationReport, revealed: number, candidates: Candidates): EvaluationReport {
  const labels = { slice: levelName(revealed), candidates };
  const results = report.results.map((result) => ({ ...result, ...labels }));
  return { ...report, results, comparisons: report.comparisons.map((comparison) => ({ ...comparison, ...labels })) };
}

/** The items are the candidates within the slice. */
function sliceOf({ revealed, reports }: WarmUpLevelReports): SliceRecord {
  const [all] = reports.slice.protocol.slices;
  return { ...all, name: levelName(revealed), minimum: revealed, maximum: revealed };
}
