/** Checks as a PASS/FAIL list. */
import type { Check } from "../checks.ts";
import { plainLine, type Style } from "./style.ts";

export function checkLines(checks: readonly Check[], style: Style): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const words = { passed: style.good("PASS"), failed: style.bad("FAIL"), "not reached": style.faint("----") };
  return checks.map(({ name, state, detail }) =>
    `${words[state]}  ${name.padEnd(width)}  ${state === "not reached" ? style.faint(state) : plainLine(detail)}`.trimEnd(),
  );
}
