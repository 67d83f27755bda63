/** A sample of users is measured as if nobody else had been asked, against every item, and says so. */
import { describe, expect, it } from "vitest";
import { evaluate, measureSplit } from "../../../src/evaluation/evaluate.ts";
import { sampleRows } from "../../../src/evaluation/ranking/row-sample.ts";
import { formatMarkdown, formatReport } from "../../../src/index.ts";
import { createRandom } from "../../../src/math/random.ts";
import { sparse } from "../sparse.ts";

const [users, items] = [120, 30];
const random = createRandom(4);
const kinds = Array.from({ length: users }, () => Array.from({ length: items }, () => random.next()));
const train = sparse(kinds.map((row) => row.map((draw) => Number(draw < 0.2))));
const test = sparse(kinds.map((row, user) => row.map((draw) => Number(user % 4 > 0 && draw > 0.9))));
const scores = Float32Array.from({ length: users * items }, () => random.next());
const contender = (name: string, sign: number) => ({
  name,
  score: (rows: Uint32Array) => ({
    rows: rows.length,
    columns: items,
    values: Float32Array.from({ length: rows.length * items }, (_, p) => {
      return sign * scores[rows[Math.floor(p / items)] * items + (p % items)];
    }),
  }),
});
const contenders = [contender("up", 1), contender("down", -1)];
const input = { train, test, contenders, slices: [{ name: "rare", minimum: 0, maximum: 22 }] };
const options = { metrics: ["ndcg@5"], resamples: 200, seed: 3 };

describe("a sample of users", () => {
  it("gives the figures of the same users asked alone, each ranked among all items", async () => {
    const { test: sampled, measured, asked } = sampleRows(test, 20, 3);
    expect([measured, asked]).toEqual([20, test.indptr.slice(1).filter((end, row) => end > test.indptr[row]).length]);
    const report = await evaluate(input, { ...options, users: 20 });
    const alone = await evaluate({ ...input, test: sampled }, options);
    expect(report.results).toEqual(alone.results);
    expect(report.comparisons).toEqual(alone.comparisons);
    expect(report.results[0].n).toBe(20);
    const { plan } = await measureSplit(input, { ...options, users: 20 });
    expect(plan.candidateSets[0].rows).toHaveLength(items);
  });

  it("has wider intervals than everybody, which hold everybody's figure", async () => {
    const [some] = (await evaluate(input, { ...options, users: 40 })).results;
    const [all] = (await evaluate(input, options)).results;
    expect(some.ci95[1] - some.ci95[0]).toBeGreaterThan(all.ci95[1] - all.ci95[0]);
    expect(some.ci95[0]).toBeLessThan(all.value);
    expect(some.ci95[1]).toBeGreaterThan(all.value);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(sampleRows(test, 20, 3)).toEqual(sampleRows(test, 20, 3));
    expect(sampleRows(test, 20, 4).entries).not.toEqual(sampleRows(test, 20, 3).entries);
  });

  it("is named in every report, and not where everybody is measured", async () => {
    const report = await evaluate(input, { ...options, users: 20 });
    expect(report.protocol.sample).toMatch(/^20 of \d+ users, seed 3$/);
    for (const text of [formatReport(report), formatMarkdown(report)]) expect(text).toMatch(/sample 20 of \d+ users/);
    const whole = await evaluate(input, options);
    expect(whole.protocol).not.toHaveProperty("sample");
  });

  it("keeps the weights of its targets", async () => {
    const targetWeights = Float64Array.from(test.indices, (_, p) => p);
    const { entries } = sampleRows(test, 20, 3);
    const split = await measureSplit({ ...input, targetWeights }, { ...options, users: 20 });
    expect(split.targetWeights).toEqual(Float64Array.from(entries));
  });
});
