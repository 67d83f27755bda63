/** What the leak and boundary checks found, as lines of a summary: findings in full, clean checks in one line. */
import type { BoundaryRate } from "../../evaluation/boundaries.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { plainLine, type Style } from "../terminal/style.ts";

export function leakLines(leaks: readonly LeakFinding[], boundaries: readonly BoundaryRate[], style: Style): string[] {
  const found = leaks.filter(({ state }) => state === "warning" || state === "allowed");
  const clean = leaks.filter(({ state }) => state === "clean").map(({ check }) => check);
  const lines = found.flatMap(({ check, protocol, state, summary, examples }) => [
    `${style.bad(state)}: ${check}${protocol === null ? "" : ` (${protocol})`}: ${plainLine(summary)}`,
    ...examples.slice(0, 1).map((example) => style.faint(`  such as ${plainLine(example)}`)),
  ]);
  const rest = clean.length === 0 ? [] : [`${style.good("clean")}: ${[...new Set(clean)].join(", ")}`];
  return [...lines, ...rest, ...boundaryLines(boundaries)];
}

function boundaryLines(rates: readonly BoundaryRate[]): string[] {
  const names = [...new Set(rates.map(({ boundary }) => boundary))];
  return names.map((name) => {
    const figures = rates
      .filter(({ boundary }) => boundary === name)
      .map(({ vectors, rate }) => `${vectors} ${rate === null ? "-" : `${(100 * rate).toFixed(1)} %`}`);
    return plainLine(`neighbours across "${name}": ${figures.join(", ")}`);
  });
}
