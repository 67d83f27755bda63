import { describe, expect, it } from "vitest";
import { evaluationOverview } from "../../src/cli/answers/evaluation-overview.ts";
import { styleFor } from "../../src/cli/terminal/style.ts";
import { displayWidth } from "../../src/cli/terminal/table.ts";
import type { EvaluationReport, MetricResult } from "../../src/evaluation/report.ts";

const result = (model: string, slice: string, value: number): MetricResult => {
  const ci95: [number, number] = [value - 0.01, value + 0.01];
  return { model, slice, candidates: "slice", metric: "ndcg@10", value, ci95, n: 100 };
};

const slices = ["all", "cold", "1-3", "4-10", "11-20", "21+"];
const report = {
  protocol: { kind: "warm-tail" },
  results: slices.flatMap((slice, s) => [result("als", slice, 0.2), result("hybrid", slice, s === 1 ? 0.2 : 0.3)]),
  comparisons: [],
} as unknown as EvaluationReport;

const linesAt = (columns: number) => evaluationOverview(report, styleFor({ isTTY: true, columns }, { NO_COLOR: "1" }));

describe("an evaluation at a glance", () => {
  it("shows intervals where the terminal is wide enough, and figures alone where it is not", () => {
    expect(linesAt(120).find((line) => line.startsWith("hybrid"))).toContain("*.3000 ±.0100");
    expect(linesAt(70).find((line) => line.startsWith("hybrid"))).toMatch(/^hybrid +\*\.3000 +\.2000 +\*\.3000/);
    for (const line of linesAt(70).slice(0, 6)) expect(displayWidth(line)).toBeLessThanOrEqual(70);
  });

  it("marks the best of a column, and nobody where all are alike", () => {
    const stars = (model: string) =>
      linesAt(120)
        .find((line) => line.startsWith(model))
        ?.split("*").length;
    expect([stars("als"), stars("hybrid")]).toEqual([1, slices.length]);
  });

  it("has no escape sequence under NO_COLOR", () => {
    expect(linesAt(120).join("")).not.toContain("\u001b");
  });
});
