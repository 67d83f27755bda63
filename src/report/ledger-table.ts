/** The ledger of rules as one table, a row a rule: what it costs users, slice by slice, and what it buys. */
import { partsOf } from "../evaluation/metrics/metric-kinds.ts";
import {
  type EvaluationReport,
  excludesZero,
  type MetricComparison,
  type MetricResult,
  type RuleLedger,
} from "../evaluation/report.ts";
import { decimalOf, signedOf } from "./report-tables.ts";

export interface LedgerTable {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string;
}

/** Undefined where no rules were measured. */
export function ledgerTable({ ledger, protocol }: EvaluationReport): LedgerTable | undefined {
  if (ledger === undefined) return undefined;
  const metric = primaryMetric(ledger);
  const slices = slicesOf(ledger, metric);
  const figures = listFiguresOf(ledger);
  const costs = slices.map((slice) => (slice === "all" ? "cost" : `cost, ${slice}`));
  return {
    title: `${protocol.kind}: what the rules cost and buy, in lists of ${ledger.length}`,
    header: ["rule", metric, ...costs, ...figures.map((name) => partsOf(name).kind)],
    rows: ledger.rows.map((rule) => [
      rule,
      decimalOf(resultOf(ledger, rule, metric)?.value ?? 0),
      ...slices.map((slice) => costText(costOf(ledger, rule, slice))),
      ...figures.map((name) => decimalOf(resultOf(ledger, rule, name)?.value ?? 0)),
    ]),
    note: `cost: ${metric} without rules minus with the rule, paired; ± half the width of the 95 % interval; ns: the interval includes 0`,
  };
}

export function primaryMetric({ comparisons }: RuleLedger): string {
  return comparisons[0].metric;
}

/** Slices that are ranked among the catalog, `all` first. */
function slicesOf({ results }: RuleLedger, metric: string): string[] {
  const own = results.filter((result) => result.metric === metric && result.candidates === "catalog");
  return [...new Set(own.map(({ slice }) => slice))];
}

/** Figures of the lists, by name. */
export function listFiguresOf({ results, comparisons }: RuleLedger): string[] {
  const compared = new Set(comparisons.map(({ metric }) => metric));
  return [...new Set(results.map(({ metric }) => metric))].filter((metric) => !compared.has(metric));
}

/** Of all users among the catalog. */
export function resultOf({ results }: RuleLedger, rule: string, metric: string): MetricResult | undefined {
  return results.find(
    (result) =>
      result.model === rule && result.metric === metric && result.slice === "all" && result.candidates === "catalog",
  );
}

/** Undefined for the row without rules. */
export function costOf({ comparisons }: RuleLedger, rule: string, slice: string): MetricComparison | undefined {
  return comparisons.find((one) => one.b === rule && one.slice === slice && one.candidates === "catalog");
}

function costText(cost: MetricComparison | undefined): string {
  if (cost === undefined) return "";
  const [low, high] = cost.ci95;
  return `${signedOf(cost.difference)} ±${decimalOf((high - low) / 2)}${excludesZero(cost) ? "" : " ns"}`;
}

/** The trial of exploration: a row a policy. Undefined where none was made. */
export function explorationTable({ ledger, protocol }: EvaluationReport): LedgerTable | undefined {
  const trial = ledger?.exploration;
  if (trial === undefined) return undefined;
  const share = (value: number | undefined) => `${Math.round(100 * (value ?? 0))} %`;
  const figure = (value: number | null) => (value === null ? "" : String(value));
  return {
    title: `${protocol.kind}: ${trial.items} items launched blind, ${trial.days} days, ${trial.users} users`,
    header: [
      "policy",
      "shown after a day",
      "in the end",
      "clicked",
      "rank off",
      "settled",
      "after clicks",
      "after days",
    ],
    rows: trial.policies.map(({ name, shown, clicked, off, settled, interactions, days }) => [
      name,
      share(shown[0]),
      share(shown.at(-1)),
      share(clicked),
      share(off),
      share(settled),
      figure(interactions),
      figure(days),
    ]),
    note: "shares of the items; clicks are drawn from the held-out truth; settled: of the items whose rank is off at the launch; clicks and days are medians over those that settled",
  };
}
