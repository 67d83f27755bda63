/** The whole pipeline on the tiny shop: what it writes does not depend on what else is asked of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { contentsOf } from "../cli/tailrec.ts";
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
      const { "manifest.json": _, ...files } = await contentsOf(join(measured, "bundle"));
      const { "manifest.json": __, ...expected } = await contentsOf(join(bare, "bundle"));
      expect(files).toEqual(expected);
    },
  );
});
