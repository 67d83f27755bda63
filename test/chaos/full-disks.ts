/**
 * Disks that are full at random moments of every task. Where a small disk may be mounted it is a real one, filled but for a random
 * rest; elsewhere, and in every other try, the system's answer is given in its place at a random call (file-calls.cjs). The task ends
 * well or says OUTPUT_FAILED with its outputs as they were, and leaves nothing either way.
 */
import { execFileSync } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, type Fate, judgeFate } from "./command.ts";
import { type FaultKind, pick, type Trial } from "./fault-kind.ts";
import { copyScene, fileCalls, leftoversIn, type Scene, standingOf } from "./scene.ts";
import { harmed } from "./toll.ts";

/** More than any task needs beside the scene itself. */
const DISK_BYTES = 32e6;
const MOST_LEFT = 1.5e6;

export const fullDisks: FaultKind = {
  name: "full disks",
  tries: { full: 200, short: 4 },
  inflict: async (trial: Trial) => {
    const disk = `${trial.scene.folder}-disk`;
    await mkdir(disk);
    const mounted = canMount(disk);
    trial.toll.means = mounted ? "small disks, refused calls" : "refused calls";
    try {
      const scene = await copyScene(trial.scene, join(disk, "scene"));
      for (let i = 0; i < trial.count && !trial.isTimeUp(); i++) await tryOnce(trial, scene, mounted && i % 2 === 0);
    } finally {
      if (mounted) execFileSync("umount", [disk]);
    }
  },
};

async function tryOnce({ random, toll }: Trial, scene: Scene, isReal: boolean): Promise<void> {
  const task = pick(random, scene.tasks);
  const before = await standingOf(scene, task);
  const version = before === "a" ? "b" : "a";
  const at = isReal ? Math.floor(MOST_LEFT * random.next() ** 2) : 1 + random.integer(task.fileCalls);
  const args = [...task.args(version), "--quiet"];
  const fate = await (isReal ? onFilledDisk(scene, args, at) : withRefusedCalls(scene, args, at));
  toll.tried++;
  const words = `${task.name} ${version} with ${isReal ? `${at} bytes left` : `no room from file call ${at}`}`;
  judgeFate(fate, toll, words);
  const standing = await standingOf(scene, task);
  if (standing === "half-written") harmed(toll, standing, words);
  else if (standing !== (fate.status === 0 ? version : before))
    harmed(toll, "lost", `${words}: ${fate.output.slice(0, 300)}`);
  if (fate.status !== 0 && !fate.output.includes("OUTPUT_FAILED"))
    harmed(toll, "INTERNAL", `${words}: ${fate.output.slice(0, 300)}`);
  for (const path of await leftoversIn(scene)) harmed(toll, "leftovers", `${words}: ${path}`);
  if (task.memory !== undefined) await rm(join(scene.folder, task.memory), { recursive: true, force: true });
}

async function onFilledDisk(scene: Scene, args: readonly string[], left: number): Promise<Fate> {
  const filler = join(scene.folder, "filler");
  const { bavail, bsize } = await statfs(scene.folder);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  const fate = await command(args, { cwd: scene.folder, env: scene.env });
  await rm(filler);
  return fate;
}

function withRefusedCalls(scene: Scene, args: readonly string[], at: number): Promise<Fate> {
  const env = { ...scene.env, CHAOS_AT: `${at}`, CHAOS_CODE: "ENOSPC" };
  return command(args, { cwd: scene.folder, env, nodeOptions: ["--require", fileCalls] });
}

/** Whether a disk of its own stands at the path afterwards. */
function canMount(at: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", at], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
