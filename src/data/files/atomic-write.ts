/**
 * Output that is either whole or absent, however the process ends: made in a staging folder beside its place, flushed to the disk, then
 * renamed over it. Outputs that belong together change together (output-switch.ts). On any failure what was there before stays, and
 * OUTPUT_FAILED says why. What a killed writer left is finished or removed by whoever writes in the same folder next, never by a reader.
 */
import { constants } from "node:fs";
import { access, mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withFolderLocks } from "./folder-lock.ts";
import { writing } from "./output-failure.ts";
import { requireDistinctTargets } from "./output-paths.ts";
import { homeOf, type PlannedOutput, partsOf, planOutputs, preparePlan, readPlan } from "./output-plan.ts";
import { flush, placeWithin, removePlan, requireKind, settle, switchOutputs } from "./output-switch.ts";
import { realTarget } from "./real-target.ts";
import { isAbandoned, openStaging, removeStaging, type StagingFolder, stagingsIn } from "./staging-folder.ts";

/** A path and what is to stand there, or what writes it to the path that it is given. */
export type FileContent = readonly [path: string, data: string | Uint8Array | ((path: string) => Promise<void>)];

/** A folder and what writes its files into the empty one that it is given. */
export interface FolderContent {
  readonly folder: string;
  readonly fill: (temporary: string) => Promise<void>;
}

/** Puts `data` at `path`, making parent folders as needed. Throws OUTPUT_FAILED. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await writeTogether([[path, data]]);
}

/** As `writeFileAtomic`, for writers that need a path: `fill` writes the file it is given the name of. */
export async function fillFileAtomic(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await writeTogether([[path, fill]]);
}

/** Replaces `folder` by the one that `fill` writes, all of it or nothing. Throws OUTPUT_FAILED. */
export async function writeFolderAtomic(folder: string, fill: FolderContent["fill"]): Promise<void> {
  await writeTogether([{ folder, fill }]);
}

/**
 * Puts outputs in place that belong together: all are whole on the disk before the first takes its place, and whoever looks sees all
 * old or all new. INVALID_ARGUMENT for two outputs at one path, OUTPUT_FAILED with every output as it was.
 */
export async function writeTogether(contents: readonly (FileContent | FolderContent)[]): Promise<void> {
  const outputs = await Promise.all(contents.map(plannedOutput));
  const [first] = outputs;
  if (first === undefined) return;
  requireDistinctTargets(outputs.map(({ target }) => target));
  for (const output of outputs) {
    await writing(output.target, async () => {
      await mkdir(dirname(output.target), { recursive: true });
      requireKind(output);
    });
  }
  const home = await writing(first.target, () => openStaging(dirname(first.target)));
  try {
    if (first.kind === "file" && outputs.length === 1) await writeOne(first.target, home, contents[0]);
    else await writePlan(outputs, home, contents);
  } finally {
    await home.close();
  }
}

/** Makes the folder if need be. Throws OUTPUT_FAILED when that, or writing in it, is impossible: to be known before long work. */
export async function requireOutputFolder(folder: string): Promise<void> {
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  });
}

/**
 * Where to read what belongs at `path`: there, or, while a writer exchanges it and after one died doing so, where its plan says.
 * Changes nothing.
 */
export async function readablePath(path: string): Promise<string> {
  if (await exists(path)) return path;
  // A living writer passes between its renames in microseconds.
  await delay(50);
  if (await exists(path)) return path;
  const target = await realTarget(path);
  for (const staging of await stagingsIn(dirname(target))) {
    const plan = await readPlan(homeOf(staging));
    const place = plan && placeWithin(plan, target);
    if (place !== undefined) return place;
  }
  return path;
}

async function writeOne(target: string, home: StagingFolder, content: FileContent | FolderContent): Promise<void> {
  await removeAbandoned(home);
  const staged = join(home.path, "new");
  await writing(target, async () => {
    await fillStaged(content, staged);
    await rename(staged, target);
    await flush(dirname(target));
  });
}

async function writePlan(
  outputs: readonly PlannedOutput[],
  home: StagingFolder,
  contents: readonly (FileContent | FolderContent)[],
): Promise<void> {
  const plan = planOutputs(home.path, outputs);
  const [{ target: named }] = outputs;
  try {
    await writing(named, () => preparePlan(plan));
    for (const part of partsOf(plan)) await removeAbandoned({ path: part });
    for (const [i, { target, staged }] of plan.outputs.entries()) {
      await writing(target, () => fillStaged(contents[i], staged));
    }
    await writing(named, () => withFolderLocks(partsOf(plan), () => switchOutputs(plan)));
  } finally {
    await removePlan(plan);
  }
}

async function fillStaged(content: FileContent | FolderContent, staged: string): Promise<void> {
  if ("folder" in content) {
    await mkdir(staged);
    await content.fill(staged);
    return flushTree(staged);
  }
  const [, data] = content;
  await (typeof data === "function" ? data(staged) : writeFile(staged, data));
  await flush(staged);
}

/** Finishes, undoes or removes what dead processes left beside the staging folder. What cannot be mended is no fault of this writer. */
async function removeAbandoned({ path }: Pick<StagingFolder, "path">): Promise<void> {
  for (const staging of await stagingsIn(dirname(path))) {
    if (staging === path) continue;
    const home = homeOf(staging);
    const owner = (await exists(home)) ? home : staging;
    if (await isAbandoned(owner)) await endPlan(owner, path).catch(() => undefined);
  }
}

/** Ends the plan of a dead process while the lock beside the writer's own staging folder is held. */
async function endPlan(home: string, staging: string): Promise<void> {
  if ((await readPlan(home)) === undefined) return removeStaging(home);
  await withFolderLocks([staging], async () => {
    const plan = await readPlan(home);
    if (plan === undefined) return;
    await settle(plan);
    await removePlan(plan);
  });
}

async function plannedOutput(content: FileContent | FolderContent): Promise<PlannedOutput> {
  return "folder" in content
    ? { kind: "folder", target: await realTarget(content.folder) }
    : { kind: "file", target: await realTarget(content[0]) };
}

async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? flushTree(path) : flush(path));
  }
  await flush(folder);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
