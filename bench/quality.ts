/**
 * `npm run bench:quality [-- DATASET ...]`: the hybrid against every baseline on the real data sets: launches and cold items over three
 * seeds of the split, the next interaction of every user, similar items, and the warm-up curve. Prints what was asked of each figure
 * and what was reached; writes bench/results/quality.json and quality-DATASET.md. Data sets not named keep their figures.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadPipeline, type PipelineConfig, pipelineSchema } from "../src/config.ts";
import type { EvaluationReport } from "../src/evaluation/report.ts";
import { evaluatePipeline } from "../src/experiment/pipeline.ts";
import { protocolKinds } from "../src/experiment/protocols/protocol-kinds.ts";
import { embeddingOptionsSchema } from "../src/hybrid/embedding-options.ts";
import type { QualityReports } from "./quality-goals.ts";
import { reportQuality } from "./quality-report.ts";

const DATASETS = ["amazon-scientific", "movielens-small"];
const SEEDS = [1, 2, 3];
/** The rank of the plain regression that the hybrid is held against. */
const PLAIN_RANK = 64;

const SETTLED = embeddingOptionsSchema.parse({
  rounds: 0,
  priorStrength: 1,
  channel: null,
  userNormExponent: 0,
  recencyDecay: 0,
  lift: 0,
  contentLift: 0,
  tail: 0,
});

const root = resolve(import.meta.dirname, "..");
const named = process.argv.slice(2);
for (const dataset of named.length > 0 ? named : DATASETS) reportQuality(dataset, await measureDataset(dataset));

async function measureDataset(dataset: string): Promise<QualityReports> {
  const { config, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const asked = evaluationDefaults({ launch: {}, warmUp: {}, similarItems: {} });
  const common = { ...config.evaluation, report: null, launch: null, similarItems: null, warmUp: null };
  const coldItems = config.evaluation.coldItems ?? asked.coldItems;
  const overSeeds = { ...common, coldItems, seeds: SEEDS, warmTail: null };
  const rivals = [...new Set([...common.models, "ease" as const])];
  const launch = config.evaluation.launch ?? asked.launch;
  const launched = await run(config, folder, { ...overSeeds, coldItems: null, launch, models: rivals });
  const cold = await run(config, folder, overSeeds);
  const plain: PipelineConfig = {
    ...config,
    collaborative: { ...config.collaborative, rank: PLAIN_RANK },
    regressor: { ...config.regressor, kind: "ridge" },
    // Nothing of the hybrid takes part: none of its settings needs a choice.
    embeddings: SETTLED,
  };
  const regression = await run(plain, folder, { ...overSeeds, models: ["regression-mse"] });
  const warmUp = config.evaluation.warmUp ?? asked.warmUp;
  const similarItems = config.evaluation.similarItems ?? asked.similarItems;
  // Ten of Amazon Scientific's 38 warm-up items have near copies in training, such as other colours of a filament; its page is read with that.
  const allowLeaks = [...config.evaluation.allowLeaks, "near-duplicate-text" as const];
  const once = { ...common, coldItems: null, seeds: null };
  const next = await run(config, folder, { ...once, warmUp, similarItems, allowLeaks });
  return {
    launch: launched("launch"),
    cold: cold("cold-items"),
    regression: regression("cold-items"),
    rising: next("warm-up"),
    next: next("warm-tail"),
    similar: next("similar-items"),
  };
}

/** An evaluation as a pipeline file asks for it. */
function evaluationDefaults(evaluation: object): PipelineConfig["evaluation"] {
  return pipelineSchema.shape.evaluation.parse(evaluation);
}

/** The reports of one evaluation, by the protocol. */
async function run(
  config: PipelineConfig,
  folder: string,
  evaluation: PipelineConfig["evaluation"],
): Promise<(protocol: string) => EvaluationReport> {
  const output = mkdtempSync(join(tmpdir(), "tailrec-bench-quality-"));
  const kinds = protocolKinds.flatMap(({ name, option }) => (evaluation[option] ? [name] : []));
  console.log(`${config.name}: ${kinds.join(", ")} of ${evaluation.models.join(", ")}`);
  try {
    const context = { folder, cacheFolder: join(root, ".cache", "tailrec") };
    const { reports } = await evaluatePipeline({ ...config, evaluation, output }, context);
    return (protocol) => {
      const report = reports.find((one) => one.protocol.kind === protocol);
      if (report === undefined) throw new Error(`no report of ${protocol}`);
      return report;
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
