/**
 * What a leak check says. A check that finds enough to doubt the figures stops the run unless the pipeline allows it by
 * name; less is a warning; what was looked at and found clean is said too.
 */
import { z } from "zod";
import { TailrecError } from "../errors.ts";

export const leakFindingSchema = z.object({
  /** Name of the check. */
  check: z.string(),
  /** Kind of the protocol; null where the check is about the data. */
  protocol: z.string().nullable(),
  /** "allowed": it would stop the run, had the pipeline not named it. */
  state: z.enum(["clean", "warning", "stop", "allowed", "unchecked"]),
  /** One sentence with the figures. */
  summary: z.string(),
  /** A few cases in words. */
  examples: z.array(z.string()).readonly(),
});

export type LeakFinding = z.output<typeof leakFindingSchema>;

/** Findings that would stop become "allowed" where `allowed` names their check. */
export function allowLeaks(findings: readonly LeakFinding[], allowed: readonly string[]): LeakFinding[] {
  return findings.map((finding) =>
    finding.state === "stop" && allowed.includes(finding.check) ? { ...finding, state: "allowed" } : finding,
  );
}

/** Throws LEAK_FOUND when a finding is to stop the run. */
export function stopOnLeaks(findings: readonly LeakFinding[]): void {
  const stopping = findings.filter(({ state }) => state === "stop");
  if (stopping.length === 0) return;
  const lines = stopping.map(({ check, protocol, summary, examples }) => {
    const where = protocol === null ? "" : ` (${protocol})`;
    return `${check}${where}: ${summary}${examples.length === 0 ? "" : `; such as ${examples[0]}`}`;
  });
  const names = [...new Set(stopping.map(({ check }) => check))].join(", ");
  throw new TailrecError(
    "LEAK_FOUND",
    `the evaluation would measure what leaked: ${lines.join("; ")}; mend the data, or accept it by evaluation.allowLeaks: [${names}]`,
  );
}

/** One line: "near-duplicate-text: warning, 76 of 651 cold items ...; such as ...". */
export function leakLine({ check, state, summary, examples }: LeakFinding): string {
  return `${check}: ${state}; ${summary}${examples.length === 0 ? "" : `; such as ${examples[0]}`}`;
}
