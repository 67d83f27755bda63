/**
 * A manifest for a folder that somebody exported an ONNX encoder into: digests of its files, those that its graph keeps weights in
 * included, preparation from the settings beside them, output and dimension from running the graph once. What no file says is assumed,
 * and said.
 */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import { parseOptions } from "../../options.ts";
import type { DescribedEncoder, EncoderTask, FolderOptions, ModelFolder } from "../encoder-task.ts";
import { notOnnx } from "../run/graph-failure.ts";
import { openGraph } from "../run/onnx-session.ts";
import { encoderTasks, taskNamed, taskNames } from "../tasks.ts";
import { requireContent } from "./file-content.ts";
import { fileDigest } from "./file-digest.ts";
import { filesBelow } from "./folder-files.ts";
import { graphDataFiles } from "./graph-data-files.ts";
import { type EncoderManifest, encoderManifestSchema } from "./manifest-schema.ts";
import { batchDependence } from "./model-trial.ts";
import { type Dtype, dtypesAmong, FULL_PRECISION, hasBothSides, layoutModel } from "./transformers-layout.ts";

export interface AddedModelOptions extends FolderOptions {
  /** What pipelines will call it; the folder's name when absent. */
  readonly name?: string;
  readonly task?: EncoderManifest["task"];
  readonly licence?: string;
  /** Which weights of a folder in the layout of Transformers.js; those of full precision when absent. */
  readonly dtype?: Dtype;
}

export interface AddedModel {
  readonly manifest: EncoderManifest;
  /** Element type of the output, by ONNX Runtime's names. */
  readonly outputType: string;
  /** What no file of the folder said and was taken as usual. */
  readonly assumed: readonly string[];
  /** Largest difference in a vector between encoding inputs alone and together. */
  readonly batchDependence: number;
}

/**
 * FILE_NOT_FOUND when there is no folder or model, MODEL_INVALID when the graph cannot be run or gives no vectors,
 * INVALID_OPTIONS when it may not be called so. It runs here, for as
 * long and with as much memory as it likes: `tryModelFolder` is for a graph of others. `onSized` hears of the size of the model's files,
 * in bytes, before they are opened.
 */
export async function describeModelFolder(
  path: string,
  options: AddedModelOptions = {},
  onSized: (bytes: number) => void = () => undefined,
): Promise<AddedModel> {
  const folder = resolve(path);
  const files = await filesBelow(folder);
  const model = modelAmong(files, folder, options);
  const needed = [model, ...(await dataFiles(folder, model, files))];
  onSized(await sizeOf(folder, needed));
  const { task, described } = await describedBy(folder, files, model, options);
  const { preparation, output, assumed } = described;
  const written = {
    name: options.name ?? basename(folder),
    description: `Added from a local folder; output and dimension from a trial run.`,
    licence: options.licence ?? "not stated",
    source: { kind: "file", folder: "." },
    model,
    outputName: output.name,
    dimension: output.dimension,
    files: await digests(folder, [...needed, ...task.preparationFiles(preparation)]),
    task: task.name,
    [task.name]: preparation,
  };
  const manifest = parseOptions(encoderManifestSchema, written, "the manifest of the encoder");
  const paths = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(folder, name)]));
  // The encoder's whole way once, alone and in a batch.
  const dependence = await batchDependence({ manifest, files: paths, threads: 1 });
  return { manifest, outputType: output.type, assumed, batchDependence: dependence };
}

/** The files that the model keeps weights in. MODEL_INVALID, with its name, when one is not there. */
async function dataFiles(folder: string, model: string, files: readonly string[]): Promise<string[]> {
  await requireContent(join(folder, model));
  const names = graphDataFiles(model, join(folder, model));
  if (names === undefined) throw notOnnx(join(folder, model));
  const missing = names.find((name) => !files.includes(name));
  if (missing === undefined) {
    for (const name of names) await requireContent(join(folder, name));
    return names;
  }
  throw new TailrecError(
    "MODEL_INVALID",
    `${folder}: ${model} keeps weights in ${excerpt(missing)}, and there is no such file; copy it from where the model is from`,
  );
}

/** What its task makes of the folder, with the graph open for as long. */
async function describedBy(
  path: string,
  files: readonly string[],
  model: string,
  options: AddedModelOptions,
): Promise<{ readonly task: EncoderTask; readonly described: DescribedEncoder<unknown> }> {
  const graph = await openGraph(join(path, model), 1);
  try {
    const folder = { path, files, model, graph };
    const task = options.task === undefined ? recognised(folder) : taskNamed(options.task);
    return { task, described: await task.describe(folder, options) };
  } finally {
    await graph.close();
  }
}

/** The first task that takes the folder for one of its encoders. */
function recognised(folder: ModelFolder): EncoderTask {
  const task = encoderTasks.find((candidate) => candidate.recognises(folder));
  if (task !== undefined) return task;
  throw new TailrecError("MODEL_INVALID", `${folder.path}: cannot tell what it encodes; name it by --task`);
}

/** The graph of the task and dtype where the layout has one; else model.onnx, in the folder or below; else the only ONNX file. */
function modelAmong(files: readonly string[], folder: string, { task, dtype }: AddedModelOptions): string {
  const models = files.filter((file) => file.endsWith(".onnx"));
  if (task === undefined && hasBothSides(files)) {
    const tasks = taskNames.join(" or ");
    throw new TailrecError(
      "MODEL_INVALID",
      `${folder}: has an encoder for each of two sides; say which by --task ${tasks}`,
    );
  }
  const laidOut = layoutModel(files, task, dtype ?? FULL_PRECISION);
  if (laidOut !== undefined) return laidOut;
  if (dtype !== undefined) throw missingDtype(folder, dtype, dtypesAmong(files, task));
  const usual = models.filter((file) => basename(file) === "model.onnx");
  const [first, second] = usual.length > 0 ? usual : models;
  if (first === undefined) throw new TailrecError("FILE_NOT_FOUND", `${folder}: expected an ONNX model, there is none`);
  if (second === undefined || usual.length > 0) return first;
  throw new TailrecError(
    "MODEL_INVALID",
    `${folder}: several ONNX files (${models.join(", ")}); name the right one model.onnx`,
  );
}

function missingDtype(folder: string, dtype: Dtype, there: readonly Dtype[]): TailrecError {
  const remedy = there.length === 0 ? "there are no others either" : `choose ${there.join(" or ")}`;
  return new TailrecError("FILE_NOT_FOUND", `${folder}: expected weights of dtype ${dtype}, there are none; ${remedy}`);
}

async function sizeOf(folder: string, names: readonly string[]): Promise<number> {
  const entries = await Promise.all(names.map((name) => stat(join(folder, name))));
  return entries.reduce((total, { size }) => total + size, 0);
}

async function digests(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const pairs = names.map(async (name) => {
    await requireContent(join(folder, name));
    return [name, await fileDigest(join(folder, name))] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}
