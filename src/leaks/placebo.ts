/**
 * The placebo is the hybrid on other items' features: it can know what behaviour knows, and nothing more. Where its interval
 * lies above those of behaviour alone and of chance, content reaches it by a way that it should not have.
 */

import { ndcg } from "../evaluation/metrics/kinds/ndcg.ts";
import { partsOf } from "../evaluation/metrics/metric-kinds.ts";
import type { EvaluationReport, MetricResult } from "../evaluation/report.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { LeakFinding } from "./finding.ts";
import type { ReportCheck } from "./leak-check.ts";

const NAME = "placebo";

/**
 * Only among items that nobody has met. Against the whole catalog a longer vector lifts items without knowing them, and among warm
 * items the placebo has what the hybrid knows of behaviour, such as recency. Where fewer users ask, an interval is no evidence.
 */
const FEWEST_USERS = 30;

/**
 * The wider of the intervals over users and over items: an order that knows nothing is shared by all users, and may by luck favour
 * the items that many of them took.
 */
function widest({ ci95, ci95Items = ci95 }: MetricResult): readonly [number, number] {
  return [Math.min(ci95[0], ci95Items[0]), Math.max(ci95[1], ci95Items[1])];
}

/**
 * `levels`: the models that know nothing of content. `chance` gives the expected figure of a random order; undefined where it is
 * not known.
 */
export function placeboFinding(
  report: EvaluationReport,
  levels: readonly string[],
  chance: (result: MetricResult) => number | undefined,
): LeakFinding {
  const metric = report.results[0]?.metric;
  const unseen = unseenSlices(report);
  const asked = report.results.filter(
    ({ model, metric: of, n, slice, candidates }) =>
      model === "placebo" && of === metric && n >= FEWEST_USERS && candidates === "slice" && unseen.has(slice),
  );
  const levelOf = (result: MetricResult) => highestLevel(report, result, levels, chance);
  const above = asked.filter((result) => widest(result)[0] > levelOf(result));
  const { kind } = report.protocol;
  return {
    check: NAME,
    protocol: kind,
    state: asked.length === 0 ? "unchecked" : above.length > 0 ? "stop" : "clean",
    summary:
      asked.length === 0
        ? `the placebo does not take part, or fewer than ${FEWEST_USERS} users took an item that nobody had met`
        : `on shuffled features the hybrid is above behaviour alone and chance in ${above.length} of ${asked.length} slices (${metric}, 95 % intervals apart)`,
    examples: above.map(
      (result) =>
        `${result.slice}, candidates ${result.candidates}: placebo at least ${widest(result)[0].toFixed(4)}, the others at most ${levelOf(result).toFixed(4)}`,
    ),
  };
}

/** Names of the slices whose items nobody has met in training. */
function unseenSlices({ protocol: { slices } }: EvaluationReport): Set<string> {
  return new Set(slices.filter(({ maximum }) => maximum === 0).map(({ name }) => name));
}

function highestLevel(
  { results }: EvaluationReport,
  placebo: MetricResult,
  models: readonly string[],
  chance: (result: MetricResult) => number | undefined,
): number {
  const { slice, candidates, metric } = placebo;
  const levels = results.filter(
    (other) =>
      models.includes(other.model) &&
      other.slice === slice &&
      other.candidates === candidates &&
      other.metric === metric,
  );
  return Math.max(...levels.map((level) => widest(level)[1]), chance(placebo) ?? 0);
}

/**
 * Expected NDCG@k of a random order, where every user ranks N candidates and holds out m of them: m/N sum_{r<=k} 1/log2(r+1)
 * over its best value, averaged over the users with m > 0.
 */
export function chanceNdcg(test: SparseMatrix, candidates: number, k: number): number {
  const gains = Array.from({ length: k }, (_, i) => 1 / Math.log2(i + 2));
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  let sum = 0;
  let users = 0;
  for (let user = 0; user < test.rows; user++) {
    const held = test.indptr[user + 1] - test.indptr[user];
    if (held === 0) continue;
    const ideal = gains.slice(0, held).reduce((best, gain) => best + gain, 0);
    sum += ((held / candidates) * total) / ideal;
    users++;
  }
  return users === 0 ? 0 : sum / users;
}

/** Chance is known where cold items compete among themselves. */
export const placeboCheck: ReportCheck = {
  of: "report",
  name: NAME,
  check: ({ report, test, levels }) => {
    const cold = report.protocol.slices.find(({ name }) => name === "cold")?.items ?? 0;
    return placeboFinding(report, levels, ({ metric, slice, candidates }) => {
      const { kind, k } = partsOf(metric);
      const known = kind === ndcg.name && slice === "cold" && candidates === "slice";
      return known && k !== undefined ? chanceNdcg(test, cold, k) : undefined;
    });
  },
};
