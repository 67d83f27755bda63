/**
 * A manifest for a folder that somebody exported an ONNX encoder into: digests of its files, preparation from the settings beside
 * them, output and dimension from running the graph once. What no file says is assumed, and said.
 */
import { basename, join, resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import type { EncoderTask, ModelFolder } from "../encoder-task.ts";
import { encoderTasks, taskNamed } from "../tasks.ts";
import { fileDigest } from "./file-digest.ts";
import { filesBelow } from "./folder-files.ts";
import { type EncoderManifest, encoderManifestSchema } from "./manifest-schema.ts";
import { batchDependence } from "./model-trial.ts";

export interface AddedModelOptions {
  /** What pipelines will call it; the folder's name when absent. */
  readonly name?: string;
  readonly task?: EncoderManifest["task"];
  readonly pooling?: "mean" | "cls";
  readonly licence?: string;
}

export interface AddedModel {
  readonly manifest: EncoderManifest;
  /** What no file of the folder said and was taken as usual. */
  readonly assumed: readonly string[];
  /** Largest difference in a vector between encoding inputs alone and together. */
  readonly batchDependence: number;
}

/** FILE_NOT_FOUND when there is no folder or model, MODEL_INVALID when the graph cannot be run or gives no vectors. */
export async function describeModelFolder(path: string, options: AddedModelOptions = {}): Promise<AddedModel> {
  const folder = resolve(path);
  const files = await filesBelow(folder);
  const found = { path: folder, files, model: modelAmong(files, folder) };
  const task = options.task === undefined ? recognised(found) : taskNamed(options.task);
  const { preparation, output, assumed } = await task.describe(found, options.pooling);
  const named = [found.model, ...task.preparationFiles(preparation)];
  const manifest = encoderManifestSchema.parse({
    name: options.name ?? basename(folder),
    description: `Added from a local folder; output and dimension from a trial run.`,
    licence: options.licence ?? "not stated",
    source: { kind: "file", folder: "." },
    model: found.model,
    outputName: output.name,
    dimension: output.dimension,
    files: await digests(folder, named),
    task: task.name,
    [task.name]: preparation,
  });
  return tried(manifest, folder, assumed);
}

/** The first task that takes the folder for one of its encoders. */
function recognised(folder: ModelFolder): EncoderTask {
  const task = encoderTasks.find((candidate) => candidate.recognises(folder));
  if (task !== undefined) return task;
  throw new TailrecError("MODEL_INVALID", `${folder.path}: cannot tell what it encodes; name it by --task`);
}

/** The encoder's whole way once, alone and in a batch. */
async function tried(manifest: EncoderManifest, folder: string, assumed: readonly string[]): Promise<AddedModel> {
  const files = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(folder, name)]));
  return { manifest, assumed, batchDependence: await batchDependence({ manifest, files, threads: 1 }) };
}

/** model.onnx, in the folder or below; else the only ONNX file. */
function modelAmong(files: readonly string[], folder: string): string {
  const models = files.filter((file) => file.endsWith(".onnx"));
  const usual = models.filter((file) => basename(file) === "model.onnx");
  const [first, second] = usual.length > 0 ? usual : models;
  if (first === undefined) throw new TailrecError("FILE_NOT_FOUND", `${folder}: expected an ONNX model, there is none`);
  if (second === undefined || usual.length > 0) return first;
  throw new TailrecError(
    "MODEL_INVALID",
    `${folder}: several ONNX files (${models.join(", ")}); name the right one model.onnx`,
  );
}

async function digests(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const pairs = names.map(async (name) => [name, await fileDigest(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(pairs));
}
