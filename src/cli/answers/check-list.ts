/** Checks as a PASS/FAIL list. */
import type { Check } from "../../experiment/checks/checks.ts";
import { plainLine, type Style } from "../terminal/style.ts";

export function checkLines(checks: readonly Check[], style: Style): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const words = { passed: style.good("PASS"), failed: style.bad("FAIL"), "not reached": style.faint("----") };
  return checks.map(({ name, state, detail }) => {
    const text = plainLine(detail) || (state === "not reached" ? state : "");
    return `${words[state]}  ${name.padEnd(width)}  ${text}`.trimEnd();
  });
}
