/**
 * A manifest for a folder that somebody exported an ONNX encoder into: digests of its files, preparation from the settings beside
 * them, output and dimension from running the graph once. What no file says is assumed, and said.
 */
import { basename, join, resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import { fileDigest } from "./file-digest.ts";
import { filesBelow } from "./folder-files.ts";
import { type GraphOutput, squareSide, vectorOutput } from "./graph-output.ts";
import { readImageSettings } from "./image-settings.ts";
import type { EncoderManifest } from "./manifest-schema.ts";
import { batchDependence } from "./model-trial.ts";
import { readTextSettings } from "./text-settings.ts";

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
  const model = modelAmong(files, folder);
  const tokenizer = nearest(files, "tokenizer.json", model);
  const task = options.task ?? (tokenizer === undefined ? "image" : "text");
  const common = {
    name: options.name ?? basename(folder),
    description: `Added from a local folder; output and dimension from a trial run.`,
    licence: options.licence ?? "not stated",
    source: { kind: "file" as const, folder: "." },
    model,
  };
  if (task === "image") {
    const { image, assumed } = await readImageSettings(folder, await squareSide(join(folder, model)));
    const output = await vectorOutput(join(folder, model), { task, size: image.size });
    const pooling = output.tokens ? { pooling: options.pooling ?? "cls" } : {};
    const made = {
      ...common,
      ...outputFields(output),
      files: await digests(folder, [model]),
      task,
      image: { ...image, ...pooling },
    };
    return tried(made, folder, assumed);
  }
  if (tokenizer === undefined) {
    throw new TailrecError(
      "FILE_NOT_FOUND",
      `${folder}: expected a tokenizer.json beside the model, there is none; export it too`,
    );
  }
  const { text, assumed } = await readTextSettings(folder, tokenizer, options.pooling);
  const output = await vectorOutput(join(folder, model), { task });
  const made = { ...common, ...outputFields(output), files: await digests(folder, [model, tokenizer]), task, text };
  return tried(made, folder, assumed);
}

/** The encoder's whole way once, alone and in a batch. */
async function tried(manifest: EncoderManifest, folder: string, assumed: readonly string[]): Promise<AddedModel> {
  const files = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(folder, name)]));
  return { manifest, assumed, batchDependence: await batchDependence({ manifest, files, threads: 1 }) };
}

function outputFields({ name, dimension }: GraphOutput) {
  return { outputName: name, dimension };
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

/** The file of that name beside the model, else in the folder. */
function nearest(files: readonly string[], name: string, model: string): string | undefined {
  const beside = join(model, "..", name).split("\\").join("/");
  return [name, beside].find((file) => files.includes(file));
}

async function digests(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const pairs = names.map(async (name) => [name, await fileDigest(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(pairs));
}
