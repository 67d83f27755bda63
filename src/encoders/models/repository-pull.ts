/**
 * A hub repository in the layout of Transformers.js made ready: its files are fetched at one commit and tried in a process of
 * its own. A manifest with their digests is written, against which every later use is checked.
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { TailrecError } from "../../errors.ts";
import type { FolderOptions } from "../encoder-task.ts";
import { taskNames } from "../tasks.ts";
import { tryModelFolder } from "../trial/folder-trial.ts";
import type { RepositoryName } from "./encoder-name.ts";
import { graphDataFiles } from "./graph-data-files.ts";
import { askRepository, type HubRepository } from "./hub-repository.ts";
import { defaultModelFolder, type EncoderManifest } from "./manifest.ts";
import { downloadModelFile } from "./model-download.ts";
import { isFile, type ModelFilesContext } from "./model-files.ts";
import { pulledTasks, repositoryManifestPath } from "./repository-manifests.ts";
import { type Dtype, dtypesAmong, FULL_PRECISION, hasBothSides, layoutModel } from "./transformers-layout.ts";

type Task = EncoderManifest["task"];

export interface PullOptions extends FolderOptions {
  /** What it encodes; both sides of a repository that has two, and else by its files, when absent. */
  readonly task?: Task;
}

/** What says how inputs are prepared, where a repository has it. */
const SETTINGS = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "preprocessor_config.json",
  "modules.json",
  "1_Pooling/config.json",
  "sentence_bert_config.json",
  "config_sentence_transformers.json",
];

/**
 * Fetches and tries what has not been pulled yet, and gives the tasks that it can do now. MODEL_MISSING when the hub cannot be reached
 * or the repository has no such weights; else the errors of `tryModelFolder`.
 */
export async function pullRepository(
  name: RepositoryName,
  options: PullOptions,
  context: ModelFilesContext,
): Promise<readonly Task[]> {
  const { modelFolder = defaultModelFolder() } = context;
  const pulled = await pulledTasks(name, taskNames, modelFolder);
  if (options.task === undefined ? pulled.length > 0 : pulled.includes(options.task)) return pulled;
  const found = await askRepository(name.repository, name.repository, name.revision, context);
  const tasks = options.task === undefined && hasBothSides(found.files) ? (["text", "image"] as const) : [options.task];
  const done: Task[] = [];
  for (const task of tasks) done.push(await pullTask(name, found, { ...options, task }, { ...context, modelFolder }));
  return done;
}

async function pullTask(
  name: RepositoryName,
  found: HubRepository,
  options: PullOptions,
  context: ModelFilesContext & { readonly modelFolder: string },
): Promise<Task> {
  const { repository, dtype } = name;
  const { revision, licence } = found;
  const folder = join(context.modelFolder, repository, revision);
  await fetchFiles(name, found, folder, options.task, context);
  const called = repository.replace("/", "--");
  const trial = await tryModelFolder(
    folder,
    { ...options, name: called, licence, ...(dtype !== null && { dtype }) },
    context,
  );
  const manifest = {
    ...trial.manifest,
    description: `Fetched from ${repository} of the hub; output and dimension from a trial run.`,
    source: { kind: "huggingface", repository, revision },
  };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  const { task } = trial.manifest;
  await writeFileAtomic(repositoryManifestPath({ ...name, revision }, task, context.modelFolder), text);
  if (name.revision === null) await writeFileAtomic(repositoryManifestPath(name, task, context.modelFolder), text);
  return task;
}

/** Settings, graph, and what the graph keeps weights in. */
async function fetchFiles(
  { repository, dtype: named }: RepositoryName,
  { revision, files }: HubRepository,
  folder: string,
  task: Task | undefined,
  context: ModelFilesContext,
): Promise<void> {
  const dtype = named ?? FULL_PRECISION;
  const model = layoutModel(files, task, dtype);
  if (model === undefined) throw noWeights(repository, dtype, dtypesAmong(files, task));
  const fetchFile = async (path: string): Promise<void> => {
    const file = { encoder: repository, repository, revision, name: path, digest: null };
    if (!(await isFile(join(folder, path)))) await downloadModelFile(file, join(folder, path), context);
  };
  for (const path of [...SETTINGS.filter((setting) => files.includes(setting)), model]) await fetchFile(path);
  for (const path of graphDataFiles(model, join(folder, model)) ?? []) await fetchFile(path);
}

function noWeights(repository: string, dtype: Dtype, there: readonly Dtype[]): TailrecError {
  const remedy =
    there.length === 0
      ? "it has no ONNX weights in the layout of Transformers.js (onnx/model.onnx): export it with optimum, or name another"
      : `name ${there.map((other) => `${repository}#${other}`).join(" or ")}`;
  return new TailrecError(
    "MODEL_MISSING",
    `encoder "${repository}": there are no weights of dtype ${dtype}; ${remedy}`,
  );
}
