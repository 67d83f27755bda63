/**
 * `tune`: a search over a pipeline's options by validation on its training side, and the pipeline file with what was chosen.
 * Encoders run once; a trial fits and chooses settings on the inner split, as a run would.
 */

import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { fingerprintOf } from "../../bundle/data-fingerprint.ts";
import type { PipelineConfig } from "../../config.ts";
import type { FeatureBlock, FeatureMatrix } from "../../data/feature-matrix.ts";
import { requireOutputFolder } from "../../data/files/atomic-write.ts";
import { untunedAls } from "../../hybrid/defaults.ts";
import { within } from "../../run-context.ts";
import { prepare } from "../inputs/preparation.ts";
import { type CommonTraining, commonTraining, validatingLike } from "../measurement/common-training.ts";
import { featuresFor } from "../measurement/training-features.ts";
import type { PipelineContext } from "../pipeline-context.ts";
import { protocolsWith } from "../protocols/protocol-kinds.ts";
import { withRank } from "../rank.ts";
import { createStages } from "../stages.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";
import { checkSpace, defaultSpace, type SearchSpace, withValues } from "./search-space.ts";
import { runTrial } from "./trial.ts";
import { trialFeatures, widestFeatures } from "./trial-features.ts";
import { openTrialLog } from "./trial-log.ts";

export interface TuneOptions extends SearchOptions {
  /** `defaultSpace` when absent. */
  readonly space?: SearchSpace;
}

export interface TuneResult extends SearchResult {
  readonly space: SearchSpace;
  /** Absolute; every trial, one JSON line each. */
  readonly trialsFile: string;
}

/** Searches, going on from `<output>/tune/trials.jsonl`. Errors: those of `ingest`, of encoding, of the splits and of the search space. */
export async function tunePipeline(
  written: PipelineConfig,
  options: TuneOptions,
  context: PipelineContext,
): Promise<TuneResult> {
  const space = options.space ?? defaultSpace(written, context);
  checkSpace(space, written, context);
  const trialsFile = join(resolve(written.output), "tune", "trials.jsonl");
  await requireOutputFolder(dirname(trialsFile));
  const { train, order, widest, own, fingerprint } = await tuningData(written, space, context);
  const log = await openTrialLog(trialsFile, digestOf(written, space, options.seed, fingerprint));
  const ranked = await withRank(written, { besideContent: own.length > 0 }, () => train);
  // The space has ranks of its own.
  const { alsRankTimes } = untunedAls(ranked.embeddings);
  const config = { ...ranked, embeddings: { ...ranked.embeddings, alsRankTimes } };
  let run = 0;
  const result = await search(space, options, log, (values, level) => {
    const parts = withValues(config, values, context);
    const asked = { ...parts, embeddings: validatingLike(order, parts.embeddings) };
    const features = trialFeatures(widest, parts.features, own);
    return runTrial(train, features, asked, level, within(`trial ${++run} at level ${level}`, context));
  });
  return { ...result, space, trialsFile };
}

interface TuningData extends CommonTraining {
  /** As wide as the widest trial asks for. */
  readonly widest: FeatureMatrix;
  /** As the pipeline's own options give them. */
  readonly own: readonly FeatureBlock[];
  readonly fingerprint: string;
}

async function tuningData(config: PipelineConfig, space: SearchSpace, context: PipelineContext): Promise<TuningData> {
  const prepared = await prepare(config, context, createStages());
  const side = commonTraining(prepared.ingested, config.evaluation, protocolsWith(context));
  const { features } = await featuresFor(prepared, side.train, config.features);
  const options = widestFeatures(config.features, space, features.blocks);
  const isAsked = Object.keys(space).some((path) => /^features\.[^.]+\.dimension$/.test(path));
  const widest = isAsked ? (await featuresFor(prepared, side.train, options)).features : features;
  return { ...side, widest, own: features.blocks, fingerprint: fingerprintOf(prepared.ingested) };
}

/** Digest of everything that a trial's figures depend on; which protocols there are decides what training is. */
function digestOf(config: PipelineConfig, space: SearchSpace, seed: number, fingerprint: string): string {
  const { data: _, output: __, name: ___, execution: ____, ...stages } = config;
  return createHash("sha256")
    .update(JSON.stringify([stages, space, seed, fingerprint]))
    .digest("hex");
}
