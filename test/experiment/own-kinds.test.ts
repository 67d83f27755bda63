/** A protocol, a metric and a baseline from outside the package, together in one pipeline and in its report. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  evaluatePipeline,
  type Model,
  measureUsers,
  type Protocol,
  type RankMetricKind,
  type Split,
  splitColdItems,
} from "../../src/index.ts";
import { tinyExperiment, withoutProtocols } from "../helpers/tiny-experiment.ts";

const metric: RankMetricKind = {
  of: "ranks",
  name: "top-half",
  definition: "half of the share of the held-out items that the list shows",
  gain: () => 0.5,
  divisor: (_, { length }) => length,
};

const model: Model = {
  name: "row-order",
  words: "the items in the order of the catalog",
  knowsContent: false,
  fit: ({ train }) => ({
    name: "row-order",
    score: (users) => {
      const values = Float32Array.from({ length: users.length * train.columns }, (_, p) => -(p % train.columns));
      return { rows: users.length, columns: train.columns, values };
    },
  }),
};

const protocol: Protocol<{ readonly seed: number }, Split> = {
  name: "half-hidden",
  option: "halfHidden",
  schema: () =>
    z
      .strictObject({ seed: z.int().default(4) })
      .nullable()
      .default(null)
      .describe("hide half of the items"),
  splits: {
    option: "halfHidden",
    repeated: true,
    split: (interactions, { seed }: { readonly seed: number }) => {
      const split = splitColdItems(interactions, { share: 0.5, seed });
      return { ...split, description: { ...split.description, kind: "half-hidden" } };
    },
    heldOut: ({ test }) => test,
  },
  asks: "users",
  measure: (run, context) => measureUsers(run, { curves: [] }, context),
  words: () => ({
    title: "Half of the items hidden",
    purpose: "Half of the items lose every interaction.",
    headline: { slice: "cold", candidates: "slice" },
  }),
};

const own = { metricKinds: [metric], modelKinds: [model], protocolKinds: [protocol] };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-own-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("kinds of one's own", () => {
  it("are named in a pipeline, measured over several seeds, and seen in every form of the report", async () => {
    const evaluation = `{ resamples: 100, seeds: [1, 2], metrics: [top-half@5, recall@5], listMetrics: [], models: [popularity, row-order], ${withoutProtocols()}, halfHidden: {} }`;
    const output = join(folder, "out");
    const { reports, reportPage } = await evaluatePipeline(tinyExperiment(output, evaluation, own), { folder, ...own });
    expect(reports.map(({ protocol: { kind, seeds } }) => ({ kind, seeds }))).toEqual([
      { kind: "half-hidden", seeds: [1, 2] },
    ]);
    const figure = (name: string) =>
      reports[0].results.find((result) => result.model === "row-order" && result.metric === name)?.value ?? -1;
    expect(figure("recall@5")).toBeGreaterThan(0);
    expect(figure("top-half@5")).toBeCloseTo(figure("recall@5") / 2, 12);
    const forms = [
      await readFile(reportPage ?? "", "utf8"),
      await readFile(join(output, "half-hidden", "report.md"), "utf8"),
      await readFile(join(output, "half-hidden", "metrics.json"), "utf8"),
    ];
    for (const form of forms)
      for (const said of ["top-half@5", "row-order", metric.definition]) expect(form).toContain(said);
    for (const said of ["Half of the items hidden", model.words]) expect(forms[0]).toContain(said);
  });
});
