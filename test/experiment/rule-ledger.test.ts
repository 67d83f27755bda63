/** The ledger of rules: a row a rule, costs that are the paired differences of the lists, and pages that print it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationReportSchema } from "../../src/evaluation/report-schema.ts";
import { evaluatePipeline, runPipeline } from "../../src/experiment/pipeline.ts";
import { type EvaluationReport, formatHtml, formatMarkdown, formatReport } from "../../src/index.ts";
import { tinyExperiment, withoutProtocols } from "../helpers/tiny-experiment.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-ledger-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const protocols = withoutProtocols("warmTail");

async function reportUnder(rules: string): Promise<EvaluationReport> {
  const evaluation = `{ ${protocols}, warmTail: { kind: random, count: 1 }, rules: ${rules}, models: [popularity, hybrid], resamples: 100, metrics: [ndcg@3], leaks: {}, report: null }`;
  const { reports } = await evaluatePipeline(tinyExperiment(join(folder, "out"), evaluation), { folder });
  return reports[0];
}

describe("the ledger of rules", () => {
  it("has a row without rules, one a rule, and one of all; a rule without effect costs nothing", async () => {
    const rules = "[{ kind: cap, attribute: brand, maximum: 50 }, { kind: block, items: ['001', '002'] }]";
    const report = await reportUnder(rules);
    const { ledger } = report;
    expect(ledger?.rows).toEqual(["no rules", "cap 50 a brand", "block", "all together"]);
    const of = (rule: string, metric: string) =>
      ledger?.results.find((one) => one.model === rule && one.metric === metric && one.slice === "all")?.value;
    const own = report.results.find((one) => one.model === "hybrid" && one.metric === "ndcg@3" && one.slice === "all");
    expect(of("no rules", "ndcg@3")).toBeCloseTo(own?.value ?? -1, 9);
    expect(of("cap 50 a brand", "ndcg@3")).toBe(of("no rules", "ndcg@3"));
    expect(of("all together", "ndcg@3")).toBe(of("block", "ndcg@3"));
    for (const { b, slice, difference } of ledger?.comparisons ?? []) {
      if (slice !== "all") continue;
      expect(difference).toBeCloseTo((of("no rules", "ndcg@3") ?? 0) - (of(b, "ndcg@3") ?? 0), 9);
    }
    expect(ledger?.results.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(["item-coverage@3", "tail-share@3", "diversity@3"]),
    );
    expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report))).ledger).toEqual(ledger);
    for (const page of [formatReport(report), formatMarkdown(report), formatHtml({ evaluations: [report] })]) {
      expect(page).toContain("what the rules cost and buy, in lists of 3");
      expect(page).toContain("cap 50 a brand");
    }
  });

  it("of one rule has no row of all together", async () => {
    const { ledger } = await reportUnder("[{ kind: new-places, share: 0.3 }]");
    expect(ledger?.rows).toEqual(["no rules", "new-places 0.3"]);
  });

  it("plays a launch through where a rule explores: blind items, the same without exploration, and nothing beyond the truth", async () => {
    const launched = withoutProtocols("launch");
    const evaluation = `{ ${launched}, launch: { share: 0.4, revealed: [0, 1] }, rules: [{ kind: exploration, strength: 2 }, { kind: new-places, share: 0.4 }], models: [hybrid], resamples: 100, metrics: [ndcg@3], report: null }`;
    const run = () => evaluatePipeline(tinyExperiment(join(folder, "trial"), evaluation), { folder });
    const [{ ledger }] = (await run()).reports;
    const trial = ledger?.exploration;
    expect(trial?.policies.map(({ name }) => name)).toEqual([
      "no rules",
      "exploration",
      "the other rules",
      "all together",
    ]);
    for (const { shown, clicked, settled } of trial?.policies ?? []) {
      expect(shown).toHaveLength(trial?.days ?? 0);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      for (const share of [...shown, clicked, settled]) expect(share >= 0 && share <= 1).toBe(true);
      expect(clicked).toBeLessThanOrEqual(shown.at(-1) ?? 0);
    }
    expect((await run()).reports[0].ledger?.exploration).toEqual(trial);
  });

  it("is refused before anything is fitted where a rule names what the data do not have", async () => {
    const evaluation = "{ rules: [{ kind: cap, attribute: brnd, maximum: 2 }] }";
    const refused = evaluatePipeline(tinyExperiment(join(folder, "refused"), evaluation), { folder });
    await expect(refused).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining('"brand"'),
    });
    const config = tinyExperiment(join(folder, "refused"), "{}");
    const rules = [{ kind: "block" as const, file: join(folder, "none.txt"), column: "item", lists: "all" as const }];
    await expect(runPipeline({ ...config, rules }, { folder })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it("needs the hybrid among the models", () => {
    const evaluation = "{ rules: [{ kind: diversity }], models: [popularity] }";
    expect(() => tinyExperiment(folder, evaluation)).toThrow("add it to evaluation.models");
  });
});
