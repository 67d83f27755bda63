/** Tuning from a pipeline file to a tuned one beside it: the search, its budget, and the copy with what was chosen. */
import { readFile } from "node:fs/promises";
import { loadPipeline } from "../../config.ts";
import { readError } from "../../file-errors.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import { parseYaml } from "../../yaml.ts";
import { type SearchSpace, searchSpaceSchema } from "./search-space.ts";
import { type TuneResult, tunePipeline } from "./tune.ts";
import { requireTunedPath, tunedName, writeTunedPipeline } from "./tuned-pipeline.ts";

export interface TuneFileOptions {
  readonly search: "halving" | "random";
  /** Configurations to try, or seconds to try them in; the default number when both are absent. */
  readonly budget: { readonly trials?: number; readonly seconds?: number };
  readonly seed: number;
  /** YAML file of the space; the default space when absent. */
  readonly space?: string;
  /** The tuned pipeline; NAME.tuned.yaml when absent. */
  readonly out?: string;
  /** Folder of the trials instead of the pipeline's `output`. */
  readonly output?: string;
  readonly cacheFolder?: string;
}

export const DEFAULT_TRIALS = 27;

/** More than any time allows: halving has to know how many configurations there are, a random search does not. */
const UNLIMITED = 10_000;

/** Errors: those of `tunePipeline`; INVALID_ARGUMENT for an output in another folder; those of reading the space. */
export async function tunePipelineFile(
  pipeline: string,
  options: TuneFileOptions,
  context: RunContext,
): Promise<TuneResult & { readonly out: string }> {
  const { config, folder } = await loadPipeline(pipeline);
  const { search: kind, seed, budget, out = tunedName(pipeline), output = config.output, cacheFolder } = options;
  requireTunedPath(pipeline, out);
  const isTimed = kind === "random" && budget.seconds !== undefined;
  const { seconds, trials = isTimed ? UNLIMITED : DEFAULT_TRIALS } = budget;
  const space = options.space === undefined ? undefined : await loadSpace(options.space);
  const search = { kind, seed, trials, seconds, space };
  const result = await tunePipeline({ ...config, output }, search, { ...context, folder, cacheFolder });
  await writeTunedPipeline(pipeline, out, result.chosen.values);
  return { ...result, out };
}

async function loadSpace(path: string): Promise<SearchSpace> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw readError(path, cause);
  });
  return parseOptions(searchSpaceSchema, parseYaml(text, path).value, path);
}
