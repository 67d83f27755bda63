import { expect, it } from "vitest";
import { launchWords } from "../../src/evaluation/launch-words.ts";
import type { EvaluationReport } from "../../src/evaluation/report.ts";

/** A figure of known and one of launched items for each model. */
function reportOf(models: readonly string[]): EvaluationReport {
  const figures = models.flatMap((model) =>
    ["known", "launched"].map((slice) => ({
      model,
      slice,
      candidates: "catalog" as const,
      metric: "ndcg@10",
      value: 0.1,
      ci95: [0.1, 0.1] as const,
      n: 1,
    })),
  );
  return {
    dataset: "x",
    protocol: { kind: "launch", slices: [], bootstrap: { resamples: 1, seed: 1 } },
    results: figures,
    comparisons: [],
  };
}

it("lists with kept places are one line, and other models whose names end in a number stay apart", () => {
  const models = ["slots-1", "slots-2", "new-places-0.1", "new-places-0.2", "mine-1", "mine-2", "my-slots-1"];
  const [plot] = launchWords(reportOf(models)).plots ?? [];
  expect(plot.lines.map(({ name, points }) => [name, points.length])).toEqual([
    ["slots", 2],
    ["new-places", 2],
    ["mine-1", 1],
    ["mine-2", 1],
    ["my-slots-1", 1],
  ]);
});
