import { describe, expect, it } from "vitest";
import type { EvaluationReport, MetricResult } from "../../src/evaluation/report.ts";
import { formatMarkdown } from "../../src/report/markdown-report.ts";
import { formatReport } from "../../src/report/terminal-report.ts";

const metrics = ["ndcg@10", "ndcg@20", "recall@10", "recall@20", "map@10"];

function resultsOf(model: string, candidates: "catalog" | "slice", base: number): MetricResult[] {
  return metrics.map((metric, m) => {
    const value = base + m / 100;
    return { model, slice: "cold", candidates, metric, value, ci95: [value - 0.0102, value + 0.0098], n: 3210 };
  });
}

function comparisonsWith(b: string, candidates: "catalog" | "slice", difference: number) {
  const ci95 = [difference - 0.004, difference + 0.004] as const;
  return { a: "hybrid", b, slice: "cold", candidates, metric: "ndcg@10", difference, ci95, p: 0.0123 };
}

const report: EvaluationReport = {
  dataset: "amazon-scientific",
  protocol: {
    kind: "cold-items",
    share: 0.1,
    seed: 1,
    slices: [{ name: "cold", minimum: 0, maximum: 0, items: 434, targets: 5801 }],
    bootstrap: { resamples: 1000, seed: 1 },
  },
  results: [
    ...resultsOf("hybrid", "catalog", 0.2112),
    ...resultsOf("content-knn", "catalog", 0.1),
    ...resultsOf("hybrid", "slice", 0.3),
    ...resultsOf("regression-mse", "slice", 0.3012),
    ...resultsOf("popularity", "slice", 0),
  ],
  comparisons: [
    comparisonsWith("content-knn", "catalog", 0.1112),
    comparisonsWith("regression-mse", "slice", -0.0012),
    comparisonsWith("popularity", "slice", 0.3),
  ],
};

describe("terminal report", () => {
  it("shows every table with thresholds, users, intervals, the best and the comparison", () => {
    expect(formatReport(report)).toBe(`amazon-scientific, cold-items, share 0.1, seed 1
95 % intervals by bootstrap over users: 1,000 resamples, seed 1

cold: training support 0 (434 items, 5,801 held out), candidates: catalog, 3,210 users
             ndcg@10        ndcg@20        recall@10      recall@20      map@10  hybrid ahead by
hybrid       .2112* ±.0100  .2212* ±.0100  .2312* ±.0100  .2412* ±.0100  .2512*
content-knn  .1000  ±.0100  .1100  ±.0100  .1200  ±.0100  .1300  ±.0100  .1400   +.1112 ±.0040

cold: training support 0 (434 items, 5,801 held out), candidates: slice, 3,210 users
                ndcg@10        ndcg@20        recall@10      recall@20      map@10  hybrid ahead by
hybrid          .3000  ±.0100  .3100  ±.0100  .3200  ±.0100  .3300  ±.0100  .3400
regression-mse  .3012* ±.0100  .3112* ±.0100  .3212* ±.0100  .3312* ±.0100  .3412*  -.0012 ±.0040 ns
popularity      .0000  ±.0100  .0100  ±.0100  .0200  ±.0100  .0300  ±.0100  .0400   +.3000 ±.0040

*   best of its column
±   half the width of the 95 % interval
ns  the 95 % interval of the difference includes 0`);
  });

  it.each([200, 120, 100, 80, 62])("fits into %i columns", (width) => {
    const lines = formatReport(report, { width }).split("\n");
    const tables = lines.filter((line) => /^\s+ndcg|^(hybrid|content-knn|regression-mse|popularity) /.test(line));
    expect(tables.length).toBe(7);
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it("keeps every interval where the width allows", () => {
    expect(formatReport(report, { width: 200 }).match(/±/g)?.length).toBe(5 * 5 + 3 + 1);
  });

  it("writes a difference that rounds to nothing without a minus sign", () => {
    const text = formatReport({ ...report, comparisons: [comparisonsWith("popularity", "slice", -0.00001)] });
    expect(text).toContain("+.0000 ±.0040 ns");
    expect(text).not.toContain("-.0000");
  });

  it("without colour is plain; with colour it is the same text, painted", () => {
    const painted = formatReport(report, { color: true });
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9]+m`, "g");
    expect(painted).toMatch(escapes);
    expect(painted.replace(escapes, "")).toBe(formatReport(report));
    expect(formatReport(report)).not.toMatch(escapes);
  });

  it("marks no best where everything is 0, and no comparison where there is none", () => {
    const zero = resultsOf("random", "slice", 0).map((result): MetricResult => ({ ...result, value: 0 }));
    const text = formatReport({ ...report, results: zero, comparisons: [] });
    expect(text.split("\n\n")[1]).not.toContain("*");
    expect(text).not.toContain("ahead by");
  });
});

describe("markdown report", () => {
  it("is tables with exact intervals, the best in bold", () => {
    const lines = formatMarkdown({ ...report, results: report.results.slice(0, 10) }).split("\n");
    expect(lines).toEqual([
      "amazon-scientific, cold-items, share 0.1, seed 1.",
      "95 % intervals by bootstrap over users: 1,000 resamples, seed 1.",
      "",
      "**cold: training support 0 (434 items, 5,801 held out), candidates: catalog, 3,210 users**",
      "",
      "| model | ndcg@10 | ndcg@20 | recall@10 | recall@20 | map@10 | hybrid ahead by (ndcg@10) |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      "| hybrid | **.2112** [.2010, .2210] | **.2212** [.2110, .2310] | **.2312** [.2210, .2410] | **.2412** [.2310, .2510] | **.2512** [.2410, .2610] |  |",
      "| content-knn | .1000 [.0898, .1098] | .1100 [.0998, .1198] | .1200 [.1098, .1298] | .1300 [.1198, .1398] | .1400 [.1298, .1498] | +.1112 [+.1072, +.1152], p 0.012 |",
      "",
    ]);
  });

  it("escapes a bar in a model's name", () => {
    const results = resultsOf("a|b", "slice", 0.1);
    expect(formatMarkdown({ ...report, results, comparisons: [] })).toContain("| a\\|b | ");
  });
});
