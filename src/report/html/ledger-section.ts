/** The ledger of rules: pictures of what each costs against what it buys, and the table behind them. */
import { labelOf, partsOf } from "../../evaluation/metrics/metric-kinds.ts";
import type { EvaluationReport, RuleLedger } from "../../evaluation/report.ts";
import {
  costOf,
  explorationTable,
  type LedgerTable,
  ledgerTable,
  listFiguresOf,
  primaryMetric,
  resultOf,
} from "../ledger-table.ts";
import { figureAxis } from "./figure-scale.ts";
import { decimalOf, signedOf } from "./figures.ts";
import { colourOf } from "./line-colours.ts";
import { type LinePoint, linePlot } from "./line-plot.ts";
import { html, type Markup } from "./markup.ts";

/** Nothing where no rules were measured. */
export function ledgerSection(evaluations: readonly EvaluationReport[]): Markup | undefined {
  const groups = evaluations.flatMap((report) =>
    report.ledger === undefined ? [] : [ledgerOf(report, report.ledger)],
  );
  if (groups.length === 0) return undefined;
  return html`<p>Every rule is paid for by lists that users follow less. To the right is what it costs, upwards what it buys. Whiskers are 95 % intervals; those of the cost are paired.</p>${groups}`;
}

function ledgerOf(report: EvaluationReport, ledger: RuleLedger): Markup {
  return html`<h3>${report.protocol.kind}</h3><div class="panels">${listFiguresOf(ledger).map((figure) => tradePlot(report, ledger, figure))}</div>${tableOf(ledgerTable(report))}${tableOf(explorationTable(report))}`;
}

function tradePlot({ protocol }: EvaluationReport, ledger: RuleLedger, figure: string): Markup {
  const metric = labelOf(primaryMetric(ledger));
  const points = ledger.rows.map((rule) => tradeOf(ledger, rule, figure));
  const across = points.flatMap(({ x, across = [x, x] }) => [x, ...across]);
  const up = points.flatMap(({ y, interval = [y, y] }) => [y, ...interval]);
  const name = partsOf(figure).kind;
  return linePlot({
    title: labelOf(figure),
    description: `${name} of the lists by what each rule costs in ${metric}, protocol ${protocol.kind}`,
    x: figureAxis(Math.max(...across), 4, Math.min(...across)),
    y: figureAxis(Math.max(...up)),
    xLabel: `${metric} lost`,
    yLabel: name,
    lines: ledger.rows.map((rule, place) => ({
      name: rule,
      colour: colourOf(rule, ledger.rows[0], place - 1),
      points: [points[place]],
      marked: true,
    })),
  });
}

function tradeOf(ledger: RuleLedger, rule: string, figure: string): LinePoint {
  const { value = 0, ci95 } = resultOf(ledger, rule, figure) ?? {};
  const cost = costOf(ledger, rule, "all");
  const x = cost?.difference ?? 0;
  const priced = cost === undefined ? "" : `, costs ${signedOf(x)}, ${cost.ci95.map(signedOf).join(" to ")}`;
  return { x, y: value, interval: ci95, across: cost?.ci95, tip: `${rule}: ${decimalOf(value)}${priced}` };
}

function tableOf(table: LedgerTable | undefined): Markup | undefined {
  if (table === undefined) return undefined;
  const [first, ...figures] = table.header;
  const row = ([rule, ...cells]: readonly string[]) =>
    html`<tr><th scope="row">${rule}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${table.title}"><table class="figures">
<caption>${table.title}</caption>
<thead><tr><th scope="col">${first}</th>${figures.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${table.rows.map(row)}</tbody></table></div><p class="facts muted">${table.note}.</p>`;
}
