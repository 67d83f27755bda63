/**
 * Outputs that change together. Each target first becomes a link through `current` of the home folder, which leads to what stood there;
 * one rename turns `current` to what is new; then each link gives way to the thing itself. So a process that dies at any moment leaves
 * all old or all new, and whoever writes there next finishes or undoes the rest. (A full folder cannot be exchanged for a link in
 * one step: for an instant before and after, it is only to be found through its plan.) Where a disk has no links, renames follow each
 * other, and are finished by the next writer.
 */
import { existsSync, linkSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { open, symlink, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { errorCode, outputFailed } from "./output-failure.ts";
import { type OutputPlan, PLAN_NAME, type PlacedOutput, type PlannedOutput, partsOf } from "./output-plan.ts";
import { linkText } from "./real-target.ts";
import { removeStaging } from "./staging-folder.ts";

/** Puts every output in its place, or, when one cannot be put there, none. Everything staged is on the disk. OUTPUT_FAILED. */
export async function switchOutputs(plan: OutputPlan): Promise<void> {
  for (const output of plan.outputs) step(output, requireKind);
  const linked = plan.outputs.length > 1 && (await keepOld(plan));
  const placed = new Set<PlacedOutput>();
  try {
    if (linked) {
      for (const output of plan.outputs) step(output, pointThroughCurrent);
      await flushTargets(plan);
      turn(plan, "new");
    } else await writeFile(join(plan.home, SWITCHED), "");
    await flush(plan.home);
    for (const output of plan.outputs) {
      step(output, place);
      placed.add(output);
    }
    await flushTargets(plan);
  } catch (error) {
    undo(plan, placed);
    throw error;
  }
}

/** Ends what a dead process began: forward where it had turned, else back. Steps that somebody else has done are none. */
export async function settle(plan: OutputPlan): Promise<void> {
  if (versionOf(plan) === "new") {
    for (const output of plan.outputs) unlessGone(() => place(output));
  } else undo(plan);
  await flushTargets(plan).catch(() => undefined);
}

/** Removes a plan that is settled, and everything that belongs to it. */
export async function removePlan(plan: OutputPlan): Promise<void> {
  for (const part of partsOf(plan)) if (part !== plan.home) await removeStaging(part);
  // Half removed, a plan could be taken for one that is to be undone.
  await unlink(join(plan.home, PLAN_NAME)).catch(() => undefined);
  await removeStaging(plan.home);
}

/** Where what belongs at the target is to be read while its plan is not settled. */
export function placeWithin(plan: OutputPlan, target: string): string | undefined {
  const output = plan.outputs.find((planned) => planned.target === target);
  if (output === undefined) return undefined;
  const places = versionOf(plan) === "new" ? [output.staged, output.old] : [output.old];
  return places.find((place) => existsSync(place));
}

/** Throws the system's own error where a folder stands in the place of a file, or a file in that of a folder. */
export function requireKind({ kind, target }: PlannedOutput): void {
  const entry = statSync(target, { throwIfNoEntry: false });
  if (entry === undefined || entry.isDirectory() === (kind === "folder")) return;
  const code = kind === "file" ? "EISDIR" : "ENOTDIR";
  throw Object.assign(new Error(`${code}: ${target}`), { code });
}

/** What the system answers where a disk has no links, or gives none of somebody else's file. */
const WITHOUT_LINKS: readonly string[] = ["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"];

const CURRENT = "current";
const SWITCHED = "switched";

function versionOf({ home }: OutputPlan): "old" | "new" {
  return existsSync(join(home, SWITCHED)) || linkText(join(home, CURRENT)) === "new" ? "new" : "old";
}

/** Keeps the old files by a second name and lets `current` lead to them; false where the disk has no links. */
async function keepOld({ home, outputs }: OutputPlan): Promise<boolean> {
  try {
    for (const [i, { kind, target, part, old }] of outputs.entries()) {
      if (kind === "file" && existsSync(target)) linkSync(target, old);
      if (part === home) continue;
      for (const version of ["old", "new"]) {
        await symlink(relative(join(home, version), join(part, version, String(i))), join(home, version, String(i)));
      }
    }
    await symlink("old", join(home, CURRENT));
    return true;
  } catch (error) {
    if (!WITHOUT_LINKS.includes(errorCode(error) ?? "")) throw error;
    for (const { old } of outputs) await unlink(old).catch(() => undefined);
    return false;
  }
}

function turn({ home }: OutputPlan, version: "old" | "new"): void {
  const turned = join(home, `${CURRENT}.${version}`);
  symlinkSync(version, turned);
  renameSync(turned, join(home, CURRENT));
}

function pointThroughCurrent({ kind, target, part, old, current, staged }: PlacedOutput): void {
  const link = join(part, `link-${basename(staged)}`);
  symlinkSync(relative(dirname(target), current), link);
  if (kind === "folder" && existsSync(target)) renameSync(target, old);
  renameSync(link, target);
}

function place(output: PlacedOutput): void {
  const { kind, target, staged, old } = output;
  if (!existsSync(staged)) return;
  const linked = leadsThroughCurrent(output);
  if (linked && kind === "folder") unlinkSync(target);
  if (!linked && existsSync(target)) renameSync(target, old);
  renameSync(staged, target);
}

/** Every output as it was before; `placed` are those that this process has put in their places. */
function undo(plan: OutputPlan, placed: ReadonlySet<PlacedOutput> = new Set()): void {
  if (linkText(join(plan.home, CURRENT)) === "new") turn(plan, "old");
  for (const output of plan.outputs) unlessGone(() => putBack(output, placed.has(output)));
}

function putBack(output: PlacedOutput, placed: boolean): void {
  const { kind, target, old } = output;
  const hasOld = existsSync(old);
  const isOurs = placed || leadsThroughCurrent(output);
  if (!isOurs && existsSync(target)) return;
  if (isOurs && (kind === "folder" || !hasOld)) rmSync(target, { recursive: true, force: true });
  if (hasOld) renameSync(old, target);
}

/** Whether a link of this plan stands at the target. */
function leadsThroughCurrent({ target, current }: PlacedOutput): boolean {
  const text = linkText(target);
  return text !== undefined && resolve(dirname(target), text) === current;
}

function step(output: PlacedOutput, work: (output: PlacedOutput) => void): void {
  try {
    work(output);
  } catch (cause) {
    throw outputFailed(output.target, cause);
  }
}

function unlessGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

async function flushTargets({ outputs }: OutputPlan): Promise<void> {
  for (const folder of new Set(outputs.map(({ target }) => dirname(target)))) await flush(folder);
}

/** What the path names is on the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
