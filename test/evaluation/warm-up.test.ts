import { describe, expect, it } from "vitest";
import type { EvaluationReport } from "../../src/evaluation/report.ts";
import { joinWarmUp, type WarmUpLevelReports } from "../../src/evaluation/warm-up.ts";
import { warmUpFindings } from "../../src/evaluation/warm-up-words.ts";
import { formatMarkdown } from "../../src/report/markdown-report.ts";

type Figures = Readonly<Record<string, number>>;

/** A report of one slice; every lead of the hybrid is clear when it is larger than .01. */
function reportOf(figures: Figures, items: number): EvaluationReport {
  const labels = { slice: "all", candidates: "catalog" as const, metric: "ndcg@10" };
  const lead = (b: string) => figures.hybrid - figures[b];
  return {
    dataset: "made",
    protocol: {
      kind: "holdout",
      slices: [{ name: "all", minimum: 0, maximum: null, items, targets: 70 }],
      bootstrap: { resamples: 100, seed: 1 },
    },
    results: Object.entries(figures).map(([model, value]) => ({
      model,
      ...labels,
      value,
      ci95: [value, value],
      n: 40,
    })),
    comparisons: Object.keys(figures)
      .filter((b) => b !== "hybrid")
      .map((b) => ({ a: "hybrid", b, ...labels, difference: lead(b), ci95: [lead(b) - 0.01, lead(b) + 0.01], p: 0.5 })),
  };
}

const level = (revealed: number, catalog: Figures, slice: Figures): WarmUpLevelReports => ({
  revealed,
  reports: { catalog: reportOf(catalog, 500), slice: reportOf(slice, 12) },
});

const joined = joinWarmUp(
  [
    level(0, { als: 0, "content-knn": 0.1, hybrid: 0.2 }, { als: 0.1, "content-knn": 0.3, hybrid: 0.3 }),
    level(3, { als: 0.05, "content-knn": 0.1, hybrid: 0.2 }, { als: 0.3, "content-knn": 0.3, hybrid: 0.35 }),
    level(10, { als: 0.09, "content-knn": 0.1, hybrid: 0.05 }, { als: 0.4, "content-knn": 0.3, hybrid: 0.5 }),
  ],
  { seed: 4, share: 0.2 },
);

describe("joinWarmUp", () => {
  it("makes every level a slice of exactly n interactions, as large as the set of its items", () => {
    expect(joined.protocol).toMatchObject({ kind: "warm-up", seed: 4, share: 0.2 });
    expect(joined.protocol.slices).toEqual([
      { name: "n=0", minimum: 0, maximum: 0, items: 12, targets: 70 },
      { name: "n=3", minimum: 3, maximum: 3, items: 12, targets: 70 },
      { name: "n=10", minimum: 10, maximum: 10, items: 12, targets: 70 },
    ]);
  });

  it("keeps every figure, under its level and candidate set", () => {
    const at = (slice: string, candidates: string) =>
      joined.results.filter((r) => r.slice === slice && r.candidates === candidates).map(({ value }) => value);
    expect(at("n=3", "slice")).toEqual([0.3, 0.3, 0.35]);
    expect(at("n=10", "catalog")).toEqual([0.09, 0.1, 0.05]);
    expect(joined.results).toHaveLength(18);
    expect(joined.comparisons).toHaveLength(12);
  });

  it("finds the smallest n at which behaviour is not below content, a tie included", () => {
    const names = { behaviour: "als", content: "content-knn", metric: "ndcg@10" };
    expect(joined.protocol.overtaking).toEqual({ ...names, slice: 3, catalog: null });
  });

  it("finds none where one of the two does not take part", () => {
    const alone = joinWarmUp([level(0, { als: 0.1, hybrid: 0.2 }, { als: 0.1, hybrid: 0.2 })], {});
    expect(alone.protocol.overtaking).toBeUndefined();
  });
});

describe("warmUpFindings", () => {
  it("says where behaviour overtakes, and where the hybrid is clearly below", () => {
    expect(warmUpFindings(joined)).toEqual([
      "als reaches content-knn at n = 3, among the warm-up items",
      "hybrid is clearly below no other model at any of n=0, n=3, n=10, among the warm-up items",
      "als stays below content-knn at every n, in the whole catalog",
      "hybrid is clearly below als at n=10, content-knn at n=10, in the whole catalog",
    ]);
  });

  it("stands above the tables of report.md", () => {
    const markdown = formatMarkdown(joined);
    expect(markdown.indexOf("- als reaches content-knn at n = 3")).toBeGreaterThan(0);
    expect(markdown.indexOf("- als reaches content-knn at n = 3")).toBeLessThan(markdown.indexOf("| model |"));
    expect(markdown).toContain("n=3: training support 3 (12 items, 70 held out), candidates: slice, 40 users");
  });
});
