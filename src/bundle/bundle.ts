/**
 * The bundle: everything that serving needs, in one folder of open formats. Vectors, interactions, features and the model are
 * safetensors, the regressor is ONNX as well, ids and settings are JSON. Saved whole or not at all, verified on loading.
 */
import { z } from "zod";
import { alsOptionsSchema } from "../als/als-options.ts";
import type { Catalog } from "../data/catalog.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { type FolderContent, writeTogether } from "../data/files/atomic-write.ts";
import { matrixNamed, type Safetensors, safetensorsParts, tensorOf } from "../data/files/safetensors.ts";
import { ingestOptionsSchema } from "../data/ingest/ingest-options.ts";
import type { Interactions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import type { BlockExtensions } from "../features/block-kinds.ts";
import { featureOptionsSchemaWith } from "../features/feature-options.ts";
import type { FeatureSpace } from "../features/feature-space.ts";
import { featureSpaceFromParts, featureSpaceToParts } from "../features/feature-space-parts.ts";
import { embeddingOptionsSchema } from "../hybrid/embedding-options.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { Matrix } from "../math/matrix.ts";
import { describeMismatch, withoutRetired } from "../options.ts";
import { hasOnnxGraph, regressorToOnnx } from "../regressor/onnx-export.ts";
import type { RegressorExtensions } from "../regressor/regressor-kinds.ts";
import { regressorOptionsSchemaWith } from "../regressor/regressor-options.ts";
import { type Rule, rulesSchema } from "../rules/rule-kinds.ts";
import { attributeKindsSchema, kindsOf, readCatalog, writeCatalog } from "./bundle-documents.ts";
import { goldenTensors } from "./bundle-golden.ts";
import { type BundleGraphs, graphFiles, readGraphs } from "./bundle-graphs.ts";
import { corrupt, sortedJson } from "./bundle-manifest.ts";
import { modelDocument, modelTensors, readModel } from "./bundle-model.ts";
import { type BundleFiles, bundleFolder, type FileBody, loadBundleFiles } from "./bundle-store.ts";
import {
  embeddingTensors,
  featureTensors,
  interactionTensors,
  matrixTensors,
  readEmbeddings,
  readInteractions,
} from "./bundle-tensors.ts";
import { type BundleUpkeep, itemSolveTensors, readItemSolve, readUpkeep, upkeepDocument } from "./bundle-upkeep.ts";
import { featuresOf } from "./stored-features.ts";
import { requireBlockKinds, requireRegressorKind } from "./stored-kinds.ts";

function configSchema(kinds: BundleKinds) {
  return z.strictObject({
    data: ingestOptionsSchema,
    features: featureOptionsSchemaWith(kinds),
    collaborative: alsOptionsSchema,
    regressor: regressorOptionsSchemaWith(kinds),
    embeddings: embeddingOptionsSchema,
  });
}

/** The stages' options as the bundle was made with. */
export type BundleConfig = z.output<ReturnType<typeof configSchema>>;

/** Kinds from outside this package that the bundle was made with. */
export type BundleKinds = RegressorExtensions & BlockExtensions;

const blockSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  offset: z.int(),
  dimension: z.int(),
  weight: z.number(),
  isReduced: z.literal(true).optional(),
  parts: z.array(z.strictObject({ name: z.string(), share: z.number(), terms: z.int().optional() })).optional(),
});

function manifestSchema(kinds: BundleKinds) {
  return z.object({
    dataset: z.string(),
    config: configSchema(kinds),
    fingerprint: z.string(),
    encoderDigests: z.record(z.string(), z.string()),
    metrics: z.array(z.unknown()),
    tailDefault: z.number(),
    rules: rulesSchema.optional(),
    attributes: attributeKindsSchema,
    blocks: z.array(blockSchema),
  });
}

export interface BundleManifest {
  readonly dataset: string;
  readonly config: BundleConfig;
  /** sha256 of the interactions and item ids that the model was fitted on. */
  readonly fingerprint: string;
  readonly encoderDigests: Readonly<Record<string, string>>;
  /** The evaluation reports of the same run; empty when it was skipped. */
  readonly metrics: readonly unknown[];
  /** The tail dial where the caller names none. */
  readonly tailDefault: number;
  /** The shop's rules, which hold where a request names none; none where absent. */
  readonly rules?: readonly Rule[];
}

export interface Bundle {
  readonly catalog: Catalog;
  readonly userIds: readonly string[];
  readonly interactions: Interactions;
  readonly features: FeatureMatrix;
  readonly space: FeatureSpace;
  readonly model: HybridModel;
  /** Score axes of the served space: d x d; exported vectors are given along them. */
  readonly axes: Matrix;
  /** The same for the vectors by which items are compared; absent where those were never turned. */
  readonly similarAxes?: Matrix;
  readonly manifest: BundleManifest;
  /** Absent where every search looks at all items. */
  readonly graphs?: BundleGraphs;
  /** What an update needs; absent in bundles of versions that knew no updates. */
  readonly upkeep?: BundleUpkeep;
}

/** The files of a bundle, besides its manifest; `regressor.onnx` only where the regressor has a graph, `similar` where items are not compared by the served vectors, `upkeep` where it can be updated. */
export const BUNDLE_FILES = [
  "catalog.jsonl",
  "features.safetensors",
  "golden.safetensors",
  "interactions.safetensors",
  "model.json",
  "model.safetensors",
  "regressor.onnx",
  "similar.graph",
  "similar.safetensors",
  "space.json",
  "space.safetensors",
  "upkeep.json",
  "upkeep.safetensors",
  "users.json",
  "vectors.graph",
  "vectors.safetensors",
] as const;

type BundleFileName = (typeof BUNDLE_FILES)[number];
type OptionalFileName =
  | "regressor.onnx"
  | "similar.graph"
  | "similar.safetensors"
  | "upkeep.json"
  | "upkeep.safetensors"
  | "vectors.graph";

export interface LoadOptions {
  /** Whether items will come and move: features stay on the disk, from where rows are read, and matrices have room for more rows. */
  readonly isServed?: boolean;
}

const FEATURES = "features.safetensors";
const AXES = "scoreAxes";
const SIMILAR_AXES = "similarAxes";

/** Saves in place of an earlier bundle. OUTPUT_FAILED, with the earlier one untouched. */
export async function saveBundle(folder: string, bundle: Bundle): Promise<void> {
  await writeTogether([await bundleContent(folder, bundle)]);
}

/** The bundle as an output that may be written together with others. */
export async function bundleContent(folder: string, bundle: Bundle): Promise<FolderContent> {
  const { catalog, userIds, interactions, features, space, model, manifest, upkeep } = bundle;
  const parts = featureSpaceToParts(space);
  const { regressor } = model;
  const golden = await goldenTensors(model, features);
  const files: Readonly<Record<Exclude<BundleFileName, OptionalFileName>, FileBody>> = {
    "catalog.jsonl": () => [writeCatalog(catalog)],
    "features.safetensors": () => safetensorsParts(featureTensors(features)),
    "golden.safetensors": () => safetensorsParts(golden),
    "interactions.safetensors": () => safetensorsParts(interactionTensors(interactions)),
    "model.json": `${sortedJson(modelDocument(model))}\n`,
    "model.safetensors": () => safetensorsParts({ ...modelTensors(model), ...axesTensors(bundle) }),
    ...(hasOnnxGraph(regressor) && { "regressor.onnx": () => [regressorToOnnx(regressor)] }),
    ...similarFile(model),
    ...(await graphFiles(model, manifest.tailDefault, manifest.config.embeddings.search)),
    ...upkeepFiles(model, upkeep),
    "space.json": `${sortedJson(parts.json)}\n`,
    "space.safetensors": () => safetensorsParts(matrixTensors(parts.tensors)),
    "users.json": () => [`${JSON.stringify(userIds)}\n`],
    "vectors.safetensors": () => safetensorsParts(embeddingTensors(model.embeddings)),
  };
  const described = { ...manifest, attributes: kindsOf(catalog), blocks: features.blocks };
  return bundleFolder(folder, { manifest: described, files });
}

function axesTensors({ axes, similarAxes }: Bundle) {
  return { [AXES]: tensorOf(axes), ...(similarAxes && { [SIMILAR_AXES]: tensorOf(similarAxes) }) };
}

function similarFile({ similar }: HybridModel) {
  return similar && { "similar.safetensors": () => safetensorsParts(matrixTensors({ vectors: similar.vectors })) };
}

function upkeepFiles({ itemSolve, als }: HybridModel, upkeep: BundleUpkeep | undefined) {
  if (upkeep === undefined || itemSolve === undefined) return {};
  return {
    "upkeep.json": `${sortedJson(upkeepDocument(upkeep))}\n`,
    "upkeep.safetensors": () => safetensorsParts(itemSolveTensors(itemSolve, als.userFactors)),
  };
}

/**
 * Loads and verifies. BUNDLE_MISSING, BUNDLE_VERSION, BUNDLE_CORRUPT naming the file at fault, or INVALID_ARGUMENT for a kind
 * from outside this package that `kinds` lacks.
 */
export async function loadBundle(
  folder: string,
  kinds: BundleKinds = {},
  { isServed = false }: LoadOptions = {},
): Promise<Bundle> {
  const files = await loadBundleFiles(folder, isServed);
  requireRegressorKind(jsonOf(files, "model.json"), kinds);
  requireBlockKinds(files.manifest, kinds);
  const { attributes, blocks, ...manifest } = parseWith(manifestSchema(kinds), files.manifest, "manifest.json");
  const model = decoded("model.safetensors", () => readHybrid(files, blocks, kinds));
  const parts = { json: jsonOf(files, "space.json"), tensors: matricesOf(files, "space.safetensors") };
  const space = featureSpaceFromParts(parts, kinds);
  const graphs = await readGraphs((name) => fileIn(files, name), model, manifest.tailDefault).catch((cause) => {
    throw corrupt("a graph of neighbours", "its checksum is right, its content is not of a bundle", cause);
  });
  return {
    catalog: decoded("catalog.jsonl", () => readCatalog(files.read("catalog.jsonl"), attributes)),
    userIds: parseWith(z.array(z.string()), jsonOf(files, "users.json"), "users.json"),
    interactions: readInteractions(tensorsOf(files, "interactions.safetensors"), "interactions.safetensors"),
    features: decoded(FEATURES, () => featuresOf(files, FEATURES, { space, blocks })),
    space,
    ...graphs,
    ...decoded("model.safetensors", () => readAxes(tensorsOf(files, "model.safetensors"))),
    manifest,
    ...withUpkeep(files, model),
  };
}

function fileIn(files: BundleFiles, name: string): Uint8Array | undefined {
  return files.names.includes(name) ? files.read(name) : undefined;
}

function readAxes(file: Safetensors): Pick<Bundle, "axes" | "similarAxes"> {
  const matrix = (name: string) => matrixNamed(file, name, "model.safetensors");
  return { axes: matrix(AXES), ...(SIMILAR_AXES in file.tensors && { similarAxes: matrix(SIMILAR_AXES) }) };
}

function withUpkeep(files: BundleFiles, model: HybridModel): Pick<Bundle, "model" | "upkeep"> {
  if (!files.names.includes("upkeep.json")) return { model };
  const upkeep = decoded("upkeep.json", () => readUpkeep(jsonOf(files, "upkeep.json")));
  const itemSolve = decoded("upkeep.safetensors", () =>
    readItemSolve(tensorsOf(files, "upkeep.safetensors"), model.als.userFactors, "upkeep.safetensors"),
  );
  return { model: { ...model, itemSolve }, upkeep };
}

function readHybrid(files: BundleFiles, blocks: FeatureMatrix["blocks"], kinds: BundleKinds): HybridModel {
  const served = tensorsOf(files, "vectors.safetensors");
  const embeddings = (rank: number) =>
    decoded("vectors.safetensors", () => readEmbeddings(served, rank, "vectors.safetensors"));
  const similar = () =>
    decoded("similar.safetensors", () =>
      matrixNamed(tensorsOf(files, "similar.safetensors"), "vectors", "similar.safetensors"),
    );
  const reading = { ...kinds, blocks, embeddings, similar };
  return readModel(jsonOf(files, "model.json"), tensorsOf(files, "model.safetensors"), reading);
}

/** What does not parse was not written by tailrec, whatever its checksum says. */
function decoded<T>(name: BundleFileName, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof TailrecError && cause.code === "BUNDLE_CORRUPT") throw cause;
    throw corrupt(name, "its checksum is right, its content is not of a bundle", cause);
  }
}

function textOf(files: BundleFiles, name: BundleFileName): string {
  return Buffer.from(files.read(name)).toString("utf8");
}

function jsonOf(files: BundleFiles, name: BundleFileName): unknown {
  return decoded(name, () => JSON.parse(textOf(files, name)));
}

function tensorsOf(files: BundleFiles, name: BundleFileName): Safetensors {
  return decoded(name, () => files.tensors(name));
}

function matricesOf(files: BundleFiles, name: BundleFileName) {
  const file = tensorsOf(files, name);
  const named = (tensor: string) => [tensor, decoded(name, () => matrixNamed(file, tensor, name))] as const;
  return Object.fromEntries(Object.keys(file.tensors).map(named));
}

function parseWith<S extends z.ZodType>(schema: S, value: unknown, name: string): z.output<S> {
  const parsed = schema.safeParse(withoutRetired(schema, value).value);
  if (parsed.success) return parsed.data;
  const message = `${name}: not of a bundle (${describeMismatch(parsed.error)}); make the bundle again by tailrec run`;
  throw new TailrecError("BUNDLE_CORRUPT", message, { cause: parsed.error });
}
