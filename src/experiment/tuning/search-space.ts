/**
 * What `tune` may change: options by their dotted path in the pipeline file, each a list of choices or a range. The default space
 * holds what moved validation figures most. That is rank and regularisation of ALS, joint rounds, and how much behaviour, prior and
 * content count against each other. Beside them stand the weights of the pipeline's feature blocks, and the columns of reduced ones.
 */
import { z } from "zod";
import { type PipelineConfig, type PipelineKinds, pipelineSchemaOf } from "../../config.ts";
import { TailrecError } from "../../errors.ts";
import type { Random } from "../../math/random.ts";
import { describeIssues } from "../../options.ts";
import { regressorKindsWith } from "../../regressor/regressor-kinds.ts";
import { nestedBlocks } from "./nested-blocks.ts";

const rangeSchema = z
  .strictObject({
    from: z.number().describe("smallest value"),
    to: z.number().describe("largest value"),
    scale: z.enum(["log", "linear"]).default("log").describe("which values are equally likely"),
  })
  .refine(({ from, to }) => from < to, "expected from < to")
  .refine(({ from, scale }) => scale === "linear" || from > 0, "expected from > 0 on a log scale");

const choicesSchema = z.array(z.union([z.number(), z.string()])).min(1);

export const searchSpaceSchema = z.record(z.string(), z.union([choicesSchema, rangeSchema]));

export type SearchSpace = z.output<typeof searchSpaceSchema>;

/** Values by dotted path; what is not named stays as the pipeline has it. */
export type TrialValues = Readonly<Record<string, number | string>>;

/** Without block weights. */
function commonSpace(kinds: PipelineKinds) {
  const regressors = regressorKindsWith(kinds).filter(({ isSlow }) => !isSlow);
  return {
    "collaborative.rank": [32, 64, 96, 128, 192, 256],
    "collaborative.regularization": { from: 3e-4, to: 0.1 },
    "collaborative.unobservedWeight": { from: 0.002, to: 1 },
    "regressor.kind": regressors.map(({ name }) => name),
    "regressor.supportExponent": [0, 0.25, 0.5],
    "embeddings.exposure": { from: 0.5, to: 30 },
    "embeddings.priorStrength": { from: 0.3, to: 10 },
    "embeddings.rounds": ["auto", 0, 2, 4, 8],
  };
}

const CHANNEL_DIMENSION = ["auto", 128, 256, 512, 1024];

const BLOCK_DIMENSION = [128, 256, 512, 1024];

const BLOCK_WEIGHT = { from: 0.1, to: 2 };

/** The space that is searched when the caller names none. */
export function defaultSpace(
  { features, embeddings }: Pick<PipelineConfig, "features" | "embeddings">,
  kinds: PipelineKinds = {},
): SearchSpace {
  const used = Object.entries(features).flatMap(([block, options]) => (options === null ? [] : [block]));
  // The weight of a block that stands alone cancels out.
  const weights = used.length < 2 ? [] : used.map((block) => [`features.${block}.weight`, BLOCK_WEIGHT]);
  const dimensions = nestedBlocks(features, kinds).map((block) => [`features.${block}.dimension`, BLOCK_DIMENSION]);
  const channel = embeddings.channel === null ? {} : { "embeddings.channel.dimension": CHANNEL_DIMENSION };
  return searchSpaceSchema.parse({
    ...commonSpace(kinds),
    ...channel,
    ...Object.fromEntries([...weights, ...dimensions]),
  });
}

/** The share of the options that a configuration changes. Around a pipeline that is good already, changing all of them finds little. */
const CHANGED = 0.35;

/** Values, to three digits, for a share of the paths: at least one, the others stay as the pipeline has them. */
export function drawValues(space: SearchSpace, random: Random): TrialValues {
  const dimensions = Object.entries(space);
  const always = random.integer(dimensions.length);
  const values: Record<string, number | string> = {};
  for (const [d, [path, dimension]] of dimensions.entries()) {
    const [value, isChanged] = [drawValue(dimension, random), random.next() < CHANGED];
    if (isChanged || d === always) values[path] = value;
  }
  return values;
}

function drawValue(dimension: SearchSpace[string], random: Random): number | string {
  if (Array.isArray(dimension)) return dimension[random.integer(dimension.length)];
  const { from, to, scale } = dimension;
  const share = random.next();
  return Number((scale === "log" ? from * (to / from) ** share : from + share * (to - from)).toPrecision(3));
}

/** The pipeline with the values in place. INVALID_OPTIONS when a path or a value does not fit the pipeline's schema. */
export function withValues(config: PipelineConfig, values: TrialValues, kinds: PipelineKinds = {}): PipelineConfig {
  const schema = pipelineSchemaOf(kinds);
  const changed = structuredClone(config) as unknown as Record<string, unknown>;
  for (const [path, value] of Object.entries(values)) setPath(changed, path, value);
  const parsed = schema.safeParse(changed);
  if (parsed.success) return parsed.data;
  const { shown } = describeIssues(parsed.error.issues, schema, changed);
  throw invalid(shown.map(({ message }) => message).join("; "));
}

/** Every choice and both ends of every range are valid, and nothing asks for the catalog to be encoded anew. */
export function checkSpace(space: SearchSpace, config: PipelineConfig, kinds: PipelineKinds = {}): void {
  const dimensions = nestedBlocks(config.features, kinds).map((block) => `features.${block}.dimension`);
  for (const [path, dimension] of Object.entries(space)) {
    const isWeight = /^features\.[^.]+\.weight$/.test(path);
    if (!isWeight && !dimensions.includes(path) && !/^(collaborative|regressor|embeddings)\./.test(path)) {
      const features = ["features.BLOCK.weight", ...dimensions].join(", ");
      throw invalid(`"${path}": expected an option of collaborative, regressor or embeddings, or one of ${features}`);
    }
    const values = Array.isArray(dimension) ? dimension : [dimension.from, dimension.to];
    for (const value of values) withValues(config, { [path]: value }, kinds);
  }
}

function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys[keys.length - 1];
  let place = target;
  for (const key of keys.slice(0, -1)) {
    const next = place[key];
    if (typeof next !== "object" || next === null)
      throw invalid(`"${path}": the pipeline has no "${key}" to set it in`);
    place = next as Record<string, unknown>;
  }
  place[last] = value;
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_OPTIONS", `search space: ${message}`);
}
