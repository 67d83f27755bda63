import { describe, expect, it } from "vitest";
import { splitWarmTail } from "../../src/data/splits/split.ts";
import { measureCurve } from "../../src/evaluation/curves.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { factorRanker } from "../../src/evaluation/ranking/scorer.ts";
import { createRandom } from "../../src/math/random.ts";
import { curveTables } from "../../src/report/curve-tables.ts";
import { formatMarkdown } from "../../src/report/markdown-report.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions } = makeWorld(2, { users: 60, items: 40, perUser: 6 });
const { train, test } = splitWarmTail(interactions, { kind: "random" });
const random = createRandom(8);
const rankers = [0, 0.5, 1].map((at) => ({
  at,
  ...factorRanker(randomMatrix(random, 60, 3), randomMatrix(random, 40, 3)),
}));
const options = { metrics: ["recall@5", "ndcg@10"], resamples: 100, seed: 3 };

describe("a curve", async () => {
  const curve = await measureCurve(
    {
      kind: "tail-dial",
      model: "made",
      places: rankers.map(({ at }) => at),
      rankers,
    },
    { train, test },
    options,
  );

  it("holds what an evaluation of each place alone says, in the first metric", async () => {
    for (const { at, ...ranker } of rankers) {
      const { results } = await evaluate({ train, test, contenders: [{ name: "alone", ...ranker }] }, options);
      const own = curve.points.filter((point) => point.at === at).map(({ at: _, ...figure }) => figure);
      const expected = results
        .filter(({ metric }) => metric === "recall@5")
        .map(({ slice, candidates, metric, value, ci95, n }) => ({ slice, candidates, metric, value, ci95, n }));
      expect(own).toEqual(expected);
    }
    expect(curve.points[0]).toMatchObject({ slice: "all", candidates: "catalog" });
  });

  it("is a small table in report.md: a row a slice and candidate set, a column a place", async () => {
    const report = await evaluate({ train, test, contenders: [{ name: "one", ...rankers[0] }] }, options);
    const [table] = curveTables({ ...report, curves: [curve] });
    expect(table.header).toEqual(["tail", "0", "0.5", "1"]);
    expect(table.rows.map(([name]) => name).slice(0, 3)).toEqual(["all (catalog)", "cold (catalog)", "cold (slice)"]);
    const markdown = formatMarkdown({ ...report, curves: [curve] });
    expect(markdown).toContain("**Along the tail dial: made, recall@5**\n\n| tail | 0 | 0.5 | 1 |\n");
    expect(formatMarkdown(report)).not.toContain("Along the tail dial");
  });
});
