/**
 * The leak gate: checks of the data and of every split before anything is fitted on it, and of a report once it is made. What is
 * found stops the run (LEAK_FOUND) unless `evaluation.allowLeaks` names the check.
 */
import { allowLeaks, type LeakFinding, stopOnLeaks } from "../../leaks/finding.ts";
import type { CheckedData, CheckedReport, CheckedSplit, LeakCheck } from "../../leaks/leak-check.ts";
import type { LeakOptions } from "../../leaks/leak-options.ts";
import type { RunContext } from "../../run-context.ts";

export interface LeakGate {
  readonly checks: readonly LeakCheck[];
  /** From where on a leak stops the run. */
  readonly leaks: LeakOptions;
  /** Names of the checks that do not stop it. */
  readonly allowLeaks: readonly string[];
}

export function checkData(data: CheckedData, gate: LeakGate): LeakFinding[] {
  const found = gate.checks.flatMap((check) => (check.of === "data" ? [check.check(data, gate.leaks)] : []));
  return gated(found, gate);
}

export async function checkSplit(split: CheckedSplit, gate: LeakGate, context: RunContext): Promise<LeakFinding[]> {
  const found: LeakFinding[] = [];
  for (const check of gate.checks) {
    const finding = check.of === "split" ? await check.check(split, gate.leaks, context) : undefined;
    if (finding !== undefined) found.push(finding);
  }
  return gated(found, gate);
}

export function checkReport(measured: CheckedReport, gate: LeakGate): LeakFinding[] {
  const found = gate.checks.flatMap((check) => (check.of === "report" ? [check.check(measured, gate.leaks)] : []));
  return gated(found, gate);
}

function gated(findings: readonly LeakFinding[], { allowLeaks: allowed }: LeakGate): LeakFinding[] {
  const judged = allowLeaks(findings, allowed);
  stopOnLeaks(judged);
  return judged;
}
