/** Metrics from outside the package: named in the options, measured, and seen wherever a report is shown. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { evaluateRatings, meanPredictors } from "../../../src/evaluation/metrics/ratings.ts";
import { evaluationReportSchema } from "../../../src/evaluation/report-schema.ts";
import {
  figurePerUser,
  formatHtml,
  formatMarkdown,
  formatReport,
  type ListMetricKind,
  metricKinds,
  type RankMetricKind,
  type RatingMetricKind,
} from "../../../src/index.ts";
import { zeros } from "../../../src/math/matrix.ts";
import { sparse } from "../sparse.ts";

const linear: RankMetricKind = {
  of: "ranks",
  name: "linear-gain",
  definition: "places that the best held-out item stands above the end of the list, over k",
  gain: (rank, j) => (j === 1 ? 1 / rank : 0),
  divisor: () => 2,
};

const oddShare: ListMetricKind = {
  of: "lists",
  name: "odd-share",
  definition: "share of the shown items whose row is odd",
  figure: (world, k) =>
    figurePerUser(world, k, (shown) => Array.from(shown).filter((row) => row % 2 === 1).length / shown.length),
};

const worst: RatingMetricKind = {
  of: "ratings",
  name: "mean-fourth",
  definition: "mean fourth power of the error",
  loss: (error) => error ** 4,
  scale: (meanLoss) => meanLoss,
};

// Two users, five items; the scorer lists the items in the order of their rows.
const train = sparse([
  [1, 0, 0, 0, 0],
  [0, 1, 0, 0, 0],
]);
const test = sparse([
  [0, 1, 0, 0, 0],
  [0, 0, 0, 1, 0],
]);
const inOrder = {
  name: "in-order",
  score: (users: Uint32Array) => {
    const scores = zeros(users.length, 5);
    return { ...scores, values: scores.values.map((_, p) => -(p % 5)) };
  },
};
const input = { train, test, contenders: [inOrder], slices: [] };
const options = { metrics: ["ndcg@2", "linear-gain@4"], listMetrics: ["odd-share@2"], resamples: 100 };
const metrics = { metricKinds: [linear, oddShare, worst] };

describe("a metric from outside", () => {
  it("is measured by its own definition", async () => {
    const { results } = await evaluate(input, options, metrics);
    const figure = (metric: string) => results.find((result) => result.metric === metric)?.value;
    // User 0 finds its item first (1 is the first unseen row), user 1 third (0, 2, 3).
    expect(figure("linear-gain@4")).toBeCloseTo((1 / 1 / 2 + 1 / 3 / 2) / 2, 12);
    // Shown are rows 1, 2 and 0, 2.
    expect(figure("odd-share@2")).toBeCloseTo((1 / 2 + 0) / 2, 12);
  });

  it("stands in every form of the report with what it means", async () => {
    const report = await evaluate(input, options, metrics);
    const forms = [formatMarkdown(report), formatReport(report), formatHtml({ evaluations: [report] })];
    for (const form of forms) for (const { name } of [linear, oddShare]) expect(form).toContain(`${name}@`);
    for (const { definition } of [linear, oddShare]) expect(forms[0]).toContain(definition);
  });

  it("of lists has no best, and stands in a table of its own, also in a report that was read back", async () => {
    const report = await evaluate({ ...input, contenders: [inOrder, { ...inOrder, name: "twin" }] }, options, metrics);
    const text = formatMarkdown(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report))));
    const [, lists] = text.split("**the lists: ");
    expect(lists).toContain("| model | odd-share@2 |");
    expect(lists).not.toContain("**.2500**");
    expect(text).toContain("**.3333** [");
  });

  it("of ratings is an error: the lowest is best", async () => {
    const rated = { ...train, values: Float32Array.from([1, 3]) };
    const report = await evaluateRatings(
      {
        train: rated,
        test: { ...test, values: Float32Array.from([3, 4]) },
        predictors: meanPredictors(rated),
      },
      { resamples: 100, seed: 1 },
      metrics,
    );
    const [own, mean] = ["item-mean", "mean"].map(
      (model) => report.results.find((result) => result.model === model && result.metric === worst.name)?.value ?? 0,
    );
    // Of items 1 and 3 training knows 3, shrunk to (3 + 5 x 2) / 6, and nothing: the mean rating 2.
    expect(own).toBeCloseTo(((3 - 13 / 6) ** 4 + (4 - 2) ** 4) / 2, 5);
    expect(mean).toBeCloseTo(((3 - 2) ** 4 + (4 - 2) ** 4) / 2, 5);
    expect(formatMarkdown(report)).toContain(`**${own.toFixed(4)}** [`);
  });

  it("is unknown where it is not handed in, and may not take a name that is taken", async () => {
    const known = expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining("ndcg") });
    await expect(evaluate(input, options)).rejects.toEqual(known);
    const twin = { metricKinds: [{ ...linear, name: "ndcg" }] };
    await expect(evaluate(input, {}, twin)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'metricKinds: the name "ndcg" is taken; give your kind another one',
    });
  });

  it("built-in kinds have names of their own, and each says what it means", () => {
    expect(new Set(metricKinds.map(({ name }) => name)).size).toBe(metricKinds.length);
    for (const { definition } of metricKinds) expect(definition.length).toBeGreaterThan(10);
  });
});
