/**
 * The manifests of hub repositories without one of their own. The pull that fetched and tried their files writes them, and every later
 * use reads them. One a task and dtype lies with the files of its commit, and one beside the commits says which was the first.
 */
import { join } from "node:path";
import { TailrecError } from "../../errors.ts";
import { type RepositoryName, withDtype } from "./encoder-name.ts";
import { textAt } from "./folder-files.ts";
import { FULL_PRECISION } from "./transformers-layout.ts";

/** Where the manifest of a repository lies; without a commit that of the first pull. */
export function repositoryManifestPath(
  { repository, revision, dtype }: RepositoryName,
  task: string,
  modelFolder: string,
): string {
  return join(modelFolder, repository, revision ?? "", `tailrec-${task}-${dtype ?? FULL_PRECISION}.json`);
}

/** The tasks among these for which a repository has been pulled. */
export async function pulledTasks<T extends string>(
  name: RepositoryName,
  tasks: readonly T[],
  modelFolder: string,
): Promise<T[]> {
  const texts = await Promise.all(tasks.map((task) => textAt(repositoryManifestPath(name, task, modelFolder))));
  return tasks.filter((_, i) => texts[i] !== null);
}

/** A repository that has not been pulled, with the command that does it; `pulled` are the tasks that it can do by now. */
export function notPulled(
  { repository, revision, dtype }: RepositoryName,
  task: string,
  pulled: readonly string[],
): TailrecError {
  const encoder = withDtype(revision === null ? repository : `${repository}@${revision}`, dtype ?? undefined);
  const side = pulled.length === 0 ? "" : ` --task ${task}`;
  return new TailrecError(
    "MODEL_MISSING",
    `encoder "${encoder}": this repository of the hub has not been fetched for ${task}; fetch it once by "tailrec models pull ${encoder}${side} --trust-first-use", which records the digests of its files for every later check. If a folder is meant, write ./${repository}`,
  );
}
