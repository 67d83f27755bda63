/** Models are fitted when they are asked for, with what they ask for; one from outside the package is measured like ours. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { modelKinds } from "../../../src/experiment/models/model-kinds.ts";
import { evaluatePipeline, type Matrix, type Model } from "../../../src/index.ts";
import { tinyExperiment, withoutProtocols } from "../../helpers/tiny-experiment.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-models-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The stages of work that an evaluation reports, without those of reading and of ranking. */
async function stagesOf(evaluation: string): Promise<Set<string>> {
  const stages = new Set<string>();
  const onProgress = ({ stage }: { readonly stage: string }) => stages.add(stage.replace(/^.*, /, ""));
  await evaluatePipeline(tinyExperiment(join(folder, "stages"), evaluation), { folder, onProgress });
  return stages;
}

describe("work", () => {
  it("is not done for models that do not ask for it: popularity fits no ALS and chooses nothing", async () => {
    const stages = await stagesOf("{ resamples: 100, models: [popularity] }");
    expect([...stages].filter((stage) => !/^(evaluate|bootstrap|read|compare)/.test(stage))).toEqual([]);
  });

  it("is done as far as a model asks: als chooses no settings of the hybrid", async () => {
    const stages = await stagesOf(`{ resamples: 100, models: [als], ${withoutProtocols("warmTail")} }`);
    expect(stages).toContain("als");
    expect([...stages].filter((stage) => /choos|regressor|joint/.test(stage))).toEqual([]);
  });

  it("is done once a split: content that two models and the diversity of lists ask for is one matrix", async () => {
    const seen: Matrix[] = [];
    const watching = (name: string): Model => ({
      name,
      words: "remembers the content that it was given",
      knowsContent: true,
      fit: async (data) => {
        seen.push(await data.content());
        return {
          name,
          score: (users) => ({ rows: users.length, columns: 12, values: new Float32Array(12 * users.length) }),
        };
      },
    });
    const extensions = { modelKinds: [watching("first"), watching("second")] };
    const evaluation = `{ resamples: 100, models: [first, second], listMetrics: [diversity@3], ${withoutProtocols("coldItems", "warmTail")}, coldItems: {}, warmTail: {} }`;
    await evaluatePipeline(tinyExperiment(join(folder, "once"), evaluation, extensions), { folder, ...extensions });
    // Two protocols, one split each.
    expect(seen.map((content) => seen.indexOf(content))).toEqual([0, 0, 2, 2]);
  });
});

/** Items in the order of their support, or against it. */
const bySupport: Model<{ readonly turned: boolean }> = {
  name: "by-support",
  words: "items in the order of their support, or against it",
  knowsContent: false,
  schema: z.strictObject({ turned: z.boolean().default(false) }),
  choice: { grid: [{ turned: true }, { turned: false }], judgedOn: "warm" },
  fit: ({ train }, options) => {
    const support = new Float32Array(train.columns);
    for (const item of train.indices) support[item] += options?.turned ? -1 : 1;
    const score = (users: Uint32Array) => {
      const values = new Float32Array(users.length * train.columns);
      for (let i = 0; i < users.length; i++) values.set(support, i * train.columns);
      return { rows: users.length, columns: train.columns, values };
    };
    return { name: "by-support", score, similar: { score } };
  },
};

/** Events of 120 users over the items of the tiny shop: item j is taken by every (j + 1)th, so that support says much. */
async function steepEvents(): Promise<string> {
  const rows = Array.from({ length: 120 }, (_, u) =>
    Array.from({ length: 10 }, (_, j) => {
      const moment = new Date(1_700_000_000_000 + 3_600_000 * (1000 * u + ((5 * u + 7 * j) % 10))).toISOString();
      return u % (j + 1) === 0 ? `u${u},${String(j + 1).padStart(3, "0")},view,${moment}\n` : "";
    }).join(""),
  ).join("");
  const path = join(folder, "steep.csv");
  await writeFile(path, `user_id,item_id,event,timestamp\n${rows}`);
  return path;
}

describe("a model from outside", () => {
  it("is named in a pipeline, fitted with the options that validation chose, measured, and seen in the report", async () => {
    const extensions = { modelKinds: [bySupport] };
    const output = join(folder, "outside");
    const evaluation = "{ resamples: 100, models: [popularity, by-support], similarItems: {} }";
    const config = tinyExperiment(output, evaluation, extensions, { interactions: await steepEvents() });
    const { reports } = await evaluatePipeline(config, { folder, ...extensions });
    const warm = reports.find(({ protocol }) => protocol.kind === "warm-tail");
    const valuesOf = (name: string) => warm?.results.filter(({ model }) => model === name).map(({ value }) => value);
    expect(valuesOf("by-support")).toEqual(valuesOf("popularity"));
    expect(warm?.protocol.baselines).toEqual({ "by-support": { turned: false } });
    expect(reports.map(({ protocol }) => protocol.kind)).toContain("similar-items");
    for (const file of ["report.html", join("warm-tail", "report.md")]) {
      expect(await readFile(join(output, file), "utf8")).toContain("by-support");
    }
  });

  it("may not take the name of another, and is unknown to who does not hand it in", () => {
    const twin = { modelKinds: [{ ...bySupport, name: "als" }] };
    expect(() => tinyExperiment("out", "{}", twin)).toThrowError(/modelKinds: the name "als" is taken/);
    expect(() => tinyExperiment("out", "{ models: [by-support] }")).toThrowError(/evaluation\.models\.0/);
  });
});

describe("options of a model", () => {
  it("that the pipeline says take the place of the choice, with the defaults of the others", async () => {
    const extensions = { modelKinds: [bySupport] };
    const evaluation = `{ resamples: 100, models: [popularity, by-support, dae], ${withoutProtocols("warmTail")}, warmTail: {}, modelOptions: { by-support: { turned: true }, dae: { epochs: 1 } } }`;
    const output = join(folder, "options");
    const onProgress = ({ stage }: { readonly stage: string }) => expect(stage).not.toContain("choose");
    const { reports } = await evaluatePipeline(tinyExperiment(output, evaluation, extensions), {
      folder,
      onProgress,
      ...extensions,
    });
    const { baselines } = reports[0].protocol;
    expect(baselines).toEqual({
      "by-support": { turned: true },
      dae: expect.objectContaining({ epochs: 1, hidden: 128 }),
    });
  });

  it.each([
    ["{ dae: { hiden: 64 } }", /modelOptions\.dae\.hiden", did you mean "hidden"/],
    ["{ dae: { seed: 2 } }", /unknown key "evaluation\.modelOptions\.dae\.seed"/],
    ["{ als: { rank: 8 } }", /unknown key "evaluation\.modelOptions\.als"/],
    ["{ slim: { l1: 1 } }", /modelOptions\.slim: slim takes no part: add it to evaluation\.models/],
  ])("are refused where nobody would read them: %s", (given, message) => {
    const evaluation = `{ models: [als, dae], coldItems: null, modelOptions: ${given} }`;
    expect(() => tinyExperiment("out", evaluation)).toThrowError(message);
  });
});

describe("a model that has nothing to rank a cold item by", () => {
  it("takes part where items are known, is left out of cold items instead of ranking ties, and the report says so", async () => {
    const evaluation = `{ resamples: 100, models: [popularity, svd], compare: { reference: svd }, ${withoutProtocols("coldItems", "warmTail")}, coldItems: {}, warmTail: {} }`;
    const output = join(folder, "left-out");
    const { reports } = await evaluatePipeline(tinyExperiment(output, evaluation), { folder });
    const modelsOf = (kind: string) => {
      const report = reports.find(({ protocol }) => protocol.kind === kind);
      return [...new Set(report?.results.map(({ model }) => model))];
    };
    expect(modelsOf("warm-tail")).toEqual(["popularity", "svd"]);
    expect(modelsOf("cold-items")).toEqual(["popularity"]);
    for (const file of ["report.html", join("cold-items", "report.md")]) {
      expect(await readFile(join(output, file), "utf8")).toContain("to rank an item by that nobody took: svd");
    }
  });

  it("cannot be alone in a question about cold items", () => {
    expect(() => tinyExperiment("out", "{ models: [svd, slim] }")).toThrowError(
      /evaluation\.models: cold-items asks for items that nobody took.*coldItems to null/,
    );
    expect(() => tinyExperiment("out", "{ models: [svd, slim], coldItems: null }")).not.toThrow();
  });
});

describe("a catalog of ids alone", () => {
  it("is ranked by every model of the list", async () => {
    const names = modelKinds.map(({ name }) => name);
    const evaluation = `{ resamples: 100, models: [${names.join(", ")}], report: null, ${withoutProtocols("coldItems", "warmTail")}, coldItems: {}, warmTail: {} }`;
    const features = { text: null, image: null, lexical: null, attributes: null, fields: null };
    const config = { ...tinyExperiment(join(folder, "ids"), evaluation), features };
    const { reports } = await evaluatePipeline(config, { folder });
    const results = reports.find(({ protocol }) => protocol.kind === "warm-tail")?.results ?? [];
    const figures = results.filter(({ metric, slice }) => metric === "ndcg@10" && slice === "all");
    expect(new Set(figures.map(({ model }) => model))).toEqual(new Set(names));
    for (const { model, value } of figures)
      expect([model, (value ?? -1) >= 0 && (value ?? 2) <= 1]).toEqual([model, true]);
  }, 120_000);
});

describe("the list of models", () => {
  it("says of each what it is, in words that end a sentence nowhere", () => {
    for (const { name, words } of modelKinds)
      expect([name, words]).toEqual([name, expect.stringMatching(/^[^.]{10,}$/)]);
  });
});
