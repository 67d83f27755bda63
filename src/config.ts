/**
 * The pipeline file: one YAML document whose parts are the stages' own options schemas: an option exists, is checked and
 * is described in one place. Relative data paths start at the pipeline file's folder. `output` starts at the current directory,
 * because an installed pipeline file must not write into its package.
 */
import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { alsOptionsSchema } from "./als/als-options.ts";
import { factorsOptionsSchema } from "./als/factors-options.ts";
import { ingestOptionsSchema, type ParsedIngestOptions } from "./data/ingest/ingest-options.ts";
import { locateEncoder } from "./encoders/models/encoder-name.ts";
import { TailrecError } from "./errors.ts";
import { boundarySchema } from "./evaluation/boundaries.ts";
import { type MetricExtensions, metricsWith } from "./evaluation/metrics/metric-kinds.ts";
import { evaluationOptionsSchemaOf } from "./evaluation/options.ts";
import { executionOptionsSchema } from "./execution/execution-options.ts";
import type { KnownNames, Protocol } from "./experiment/measurement/protocol.ts";
import { isAsked } from "./experiment/measurement/protocol-splits.ts";
import type { Model } from "./experiment/models/model-data.ts";
import { type ModelExtensions, modelsWith } from "./experiment/models/model-kinds.ts";
import { type ProtocolExtensions, type protocolKinds, protocolsWith } from "./experiment/protocols/protocol-kinds.ts";
import { type BlockExtensions, blockKindsWith } from "./features/block-kinds.ts";
import { defaultFeatures, featureOptionsSchemaWith, type ParsedFeatures } from "./features/feature-options.ts";
import { renameEncoders } from "./features/named-encoders.ts";
import { readError } from "./file-errors.ts";
import { embeddingOptionsSchema } from "./hybrid/embedding-options.ts";
import { leakChecksWith } from "./leaks/leak-checks.ts";
import { leakOptionsSchema } from "./leaks/leak-options.ts";
import { describeIssues, withoutRetired } from "./options.ts";
import type { RegressorExtensions } from "./regressor/regressor-kinds.ts";
import { regressorOptionsSchemaWith } from "./regressor/regressor-options.ts";
import { reportOptionsSchema } from "./report/html/report-options.ts";
import { rulesSchema } from "./rules/rule-kinds.ts";
import { locateRules } from "./rules/rules-file.ts";
import { parseYaml } from "./yaml.ts";

/** Kinds from outside this package that a pipeline may name beside the built-in ones. */
export interface PipelineKinds
  extends BlockExtensions,
    ProtocolExtensions,
    MetricExtensions,
    ModelExtensions,
    RegressorExtensions {}

const listMetrics = ["item-coverage@10", "gini@10", "novelty@10", "diversity@10", "tail-share@10"];

function evaluationSchemaOf(kinds: PipelineKinds) {
  const own = evaluationOptionsSchemaOf(metricsWith(kinds));
  const models = modelsWith(kinds);
  const model = z.enum(models.map(({ name }) => name));
  const protocols = protocolsWith(kinds);
  const repeated = protocols.flatMap(({ name, option, splits }) =>
    splits.repeated && splits.option === option ? [name] : [],
  );
  const beside = {
    listMetrics: own.shape.listMetrics.default(listMetrics),
    seeds: z
      .array(z.int())
      .min(1)
      .nullable()
      .default(null)
      .describe(
        `repeat ${repeated.join(", ")} with these split seeds, and pool them; null: once, with each protocol's own seed`,
      ),
    models: z
      .array(model)
      .min(1)
      .default(models.flatMap(({ name, byDefault }) => (byDefault ? [name] : [])))
      .describe("who takes part"),
    modelOptions: modelOptionsSchemaOf(models)
      .prefault({})
      .describe("options of models by their names: they take the place of what validation would choose"),
    leaks: leakOptionsSchema.prefault({}).describe("from where on a leak stops the run"),
    allowLeaks: z
      .array(z.enum(leakChecksWith(kinds).map(({ name }) => name)))
      .default([])
      .describe("leak checks that do not stop the run, by name"),
    rules: rulesSchema
      .default([])
      .describe("rules whose cost is measured on the lists of the hybrid, one by one and together"),
    boundaries: z.array(boundarySchema).default([]).describe("boundaries that neighbours should not cross"),
    report: reportOptionsSchema.nullable().prefault({}).describe("what report.html shows; null for figures alone"),
  };
  const taken = protocols.find(({ option }) => option in beside || option in own.shape);
  if (taken !== undefined) {
    const message = `protocolKinds: the option "${taken.option}" is taken; give your protocol another one`;
    throw new TailrecError("INVALID_OPTIONS", message);
  }
  return own
    .extend({ ...protocolShape(protocols, { model }), ...beside })
    .superRefine(checkSharedSplits(protocols))
    .superRefine(checkRuledModel)
    .superRefine(checkColdModels(protocols, models))
    .superRefine(checkModelOptions(protocols));
}

function modelOptionsSchemaOf(models: readonly Model[]) {
  const known = models.flatMap(({ name, words, schema }) =>
    schema === undefined ? [] : [[name, schema.optional().describe(words)] as const],
  );
  return z.strictObject(Object.fromEntries(known));
}

/** A protocol that asks on the splits of another needs that other's options. */
function checkSharedSplits(protocols: readonly Protocol[]) {
  return (evaluation: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    for (const { name, option, splits } of protocols) {
      if (!isAsked(evaluation, option) || isAsked(evaluation, splits.option)) continue;
      const message = `${name} asks on the splits of ${splits.option}: set evaluation.${splits.option}, or leave ${option} out`;
      context.addIssue({ code: "custom", path: [option], message });
    }
  };
}

/** A protocol of cold items needs a model that can rank them. */
function checkColdModels(protocols: readonly Protocol[], models: readonly Model[]) {
  const blind = models.flatMap(({ name, needsBehaviour }) => (needsBehaviour ? [name] : []));
  return (evaluation: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const named = evaluation.models as readonly string[];
    if (!named.every((name) => blind.includes(name))) return;
    for (const { name, option, asksColdItems } of protocols) {
      if (!asksColdItems || !isAsked(evaluation, option)) continue;
      const message = `${name} asks for items that nobody took, and none of ${named.join(", ")} can rank them: add a model that knows content, or set evaluation.${option} to null`;
      context.addIssue({ code: "custom", path: ["models"], message });
    }
  };
}

/** Options of a model that nobody asks for would do nothing. */
function checkModelOptions(protocols: readonly Protocol[]) {
  return (evaluation: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const asked = [evaluation, ...protocols.map(({ option }) => Object(evaluation[option]))];
    const taking = new Set(asked.flatMap(({ models }) => models ?? []));
    for (const name of Object.keys(Object(evaluation.modelOptions))) {
      if (taking.has(name)) continue;
      const message = `${name} takes no part: add it to evaluation.models, or leave its options out`;
      context.addIssue({ code: "custom", path: ["modelOptions", name], message });
    }
  };
}

/** Rules are measured on the lists of the hybrid. */
function checkRuledModel(
  { rules, models }: { readonly rules: readonly unknown[]; readonly models: readonly string[] },
  context: z.RefinementCtx,
): void {
  if (rules.length === 0 || models.includes("hybrid")) return;
  const message = "are measured on the lists of the hybrid: add it to evaluation.models, or leave the rules out";
  context.addIssue({ code: "custom", path: ["rules"], message });
}

type BuiltInProtocol = (typeof protocolKinds)[number];

/** The options of the built-in protocols, which are always among those of a pipeline. */
type ProtocolShape = { readonly [P in BuiltInProtocol as P["option"]]: ReturnType<P["schema"]> };

function protocolShape(protocols: readonly Protocol[], names: KnownNames): ProtocolShape {
  return Object.fromEntries(protocols.map((protocol) => [protocol.option, protocol.schema(names)])) as ProtocolShape;
}

/** The pipeline file with the names of the given kinds beside the built-in ones. INVALID_OPTIONS for a name that is taken. */
export function pipelineSchemaOf(kinds: PipelineKinds) {
  const blocks = blockKindsWith(kinds).map((kind) => kind.name);
  return z
    .strictObject({
      name: z.string().min(1).describe("name of the data set, as reports show it"),
      data: ingestOptionsSchema.describe("interactions and items"),
      features: featureOptionsSchemaWith(kinds)
        .prefault(defaultFeatures)
        .describe(`content vectors: ${blocks.join(", ")}; without this part every mapped column is a field`),
      collaborative: alsOptionsSchema
        .extend({
          factors: factorsOptionsSchema.optional().describe("factors that were fitted elsewhere; none where absent"),
        })
        .prefault({})
        .describe("implicit ALS, or factors from elsewhere"),
      regressor: regressorOptionsSchemaWith(kinds).prefault({}).describe("features to factors"),
      embeddings: embeddingOptionsSchema.prefault({}).describe("prior and behaviour joined into the served vectors"),
      evaluation: evaluationSchemaOf(kinds).prefault({}).describe("protocols, models, metrics"),
      rules: rulesSchema.default([]).describe("what lists of the bundle may hold, and how they are arranged"),
      execution: executionOptionsSchema
        .prefault({})
        .describe("where the work is done: in one process, in parts, on Spark"),
      output: z.string().min(1).describe("folder of the bundle and the reports, relative to the current directory"),
    })
    .superRefine(checkGivenSplit);
}

/** Held-out interactions and the protocol that asks for them come together. */
function checkGivenSplit(
  {
    data,
    evaluation,
  }: { readonly data: ParsedIngestOptions; readonly evaluation: { readonly givenSplit: object | null } },
  context: z.RefinementCtx,
): void {
  const issue = (path: readonly string[], message: string) =>
    context.addIssue({ code: "custom", path: [...path], message });
  if (data.heldOut !== null && evaluation.givenSplit === null)
    issue(["evaluation", "givenSplit"], "nobody asks for data.heldOut; write givenSplit: {}, or leave heldOut out");
  if (data.heldOut === null && evaluation.givenSplit !== null)
    issue(["data", "heldOut"], "needed when evaluation.givenSplit is set");
}

/** The pipeline file with the built-in kinds. */
export const pipelineSchema = pipelineSchemaOf({});

/** A pipeline as written. */
export type PipelineInput = z.input<typeof pipelineSchema>;
/** A pipeline with every default filled. */
export type PipelineConfig = z.output<typeof pipelineSchema>;

export interface Pipeline {
  readonly config: PipelineConfig;
  /** Absolute; relative paths of the config start here. */
  readonly folder: string;
}

/** Reads and checks a pipeline file, which may name the given kinds. FILE_NOT_FOUND, or INVALID_OPTIONS with every problem's line and key. */
export async function loadPipeline(path: string, kinds: PipelineKinds = {}): Promise<Pipeline> {
  const folder = dirname(resolve(path));
  const config = parsePipeline(await readText(path), path, kinds);
  const features = locateEncoders(config.features, folder, kinds);
  const evaluation = { ...config.evaluation, rules: locateRules(config.evaluation.rules, folder) };
  return { config: { ...config, features, evaluation, rules: locateRules(config.rules, folder) }, folder };
}

/** Encoders given as paths made absolute: the bundle must find them from wherever it is used. */
function locateEncoders<Features extends ParsedFeatures>(features: Features, folder: string, own: BlockExtensions) {
  return renameEncoders(features, (encoder) => locateEncoder(encoder, folder), blockKindsWith(own));
}

/** As `loadPipeline`, from text; `file` opens the messages. */
export function parsePipeline(text: string, file: string, kinds: PipelineKinds = {}): PipelineConfig {
  const source = parseYaml(text, file);
  if (source.value === null) {
    throw new TailrecError("INVALID_OPTIONS", `${file} is empty; expected a pipeline: name, data and output`);
  }
  const schema = pipelineSchemaOf(kinds);
  const { value, notes } = withoutRetired(schema, source.value);
  for (const note of notes) process.emitWarning(`${file}: ${note}`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { shown, more } = describeIssues(parsed.error.issues, schema, value);
  const lines = shown.map(({ path, message }) => `${file}:${source.lineOf(path)}: ${message}`);
  if (more > 0) lines.push(`${file}: and ${more} more`);
  throw new TailrecError("INVALID_OPTIONS", lines.join("\n"), { cause: parsed.error });
}

/** JSON Schema (draft 2020-12) of the pipeline file, for editors. */
export function pipelineJsonSchema(kinds: PipelineKinds = {}): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(pipelineSchemaOf(kinds), { io: "input" });
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(`pipeline file ${path}`, cause);
  });
  if (isUtf8(bytes)) return bytes.toString("utf8").replace(/^\ufeff/, "");
  throw new TailrecError("UNREADABLE_INPUT", `pipeline file ${path} is not UTF-8 text; save it as UTF-8`);
}
