/** The whole pipeline on the tiny shop: what it writes does not depend on what else is asked of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender } from "../../src/serving/recommender.ts";
import { digestsOf } from "../cli/tailrec.ts";
import { oneStep } from "../helpers/one-step-regressor.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-pipeline-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a run", () => {
  const evaluations = {
    everything: "{ resamples: 100, models: [als, hybrid], report: null }",
    "a split at random": "{ resamples: 100, models: [als, hybrid], coldItems: null, warmTail: { kind: random } }",
  };

  it.each(Object.entries(evaluations))(
    "writes the bundle that it writes without evaluation: %s",
    async (name, part) => {
      const [measured, bare] = [join(folder, name), join(folder, `${name}, bare`)];
      const { settings } = await runPipeline(tinyExperiment(measured, part), { folder });
      const unmeasured = await runPipeline(tinyExperiment(bare, part), { folder, evaluate: false });
      expect(settings).toEqual(unmeasured.settings);
      // The manifest alone holds what was measured.
      const { "manifest.json": _, ...files } = await digestsOf(join(measured, "bundle"));
      const { "manifest.json": __, ...expected } = await digestsOf(join(bare, "bundle"));
      expect(files).toEqual(expected);
    },
  );
});

describe("a regressor from outside the library", () => {
  const kinds = { regressorKinds: [oneStep] };

  it("is named in a pipeline file with its options, by whoever gives the kind", () => {
    const text = `name: made
data: { interactions: { path: a.csv }, items: { path: b.csv } }
regressor: { kind: one-step, oneStep: { rates: [0.5] } }
output: nowhere
`;
    expect(parsePipeline(text, "own.yaml", kinds).regressor).toMatchObject({
      kind: "one-step",
      oneStep: { rates: [0.5] },
    });
    expect(() => parsePipeline(text, "own.yaml")).toThrow(/own\.yaml:3: .*oneStep/);
  });

  it("is refused before anything is read where a bundle could not keep it", async () => {
    const { onnx: _, ...bare } = oneStep;
    const config = tinyExperiment(join(folder, "bare"), "{}");
    const regressor = { ...config.regressor, kind: "auto", kinds: ["ridge", "one-step"] };
    const data = { ...config.data, items: { ...config.data.items, path: "nowhere.jsonl" } };
    await expect(runPipeline({ ...config, data, regressor }, { folder, regressorKinds: [bare] })).rejects.toMatchObject(
      {
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("`onnx`"),
      },
    );
  });

  it("is evaluated, bundled and served", async () => {
    const output = join(folder, "own");
    const config = tinyExperiment(output, "{ resamples: 100, models: [regression-mse, hybrid], report: null }");
    const own = { ...config, regressor: { ...config.regressor, kind: "one-step" } };
    const { settings, reports } = await runPipeline(own, { folder, ...kinds });
    expect(settings.regressorKind).toBe("one-step");
    expect(reports.map(({ protocol }) => protocol.settings)).toEqual(
      reports.map(() => expect.objectContaining({ regressorKind: "one-step" })),
    );
    const recommender = await openRecommender(join(output, "bundle"), kinds);
    const [item] = recommender.bundle.catalog.ids;
    expect((await recommender.similar({ item })).similar.length).toBeGreaterThan(0);
    await recommender.close();
  });
});
