/**
 * Kills at random moments of every task: half by the clock, half at one of its calls that change the file system. Outputs must stand
 * whole by one version. Now and then the tasks that were hit are left to end, and then no temporary may be left.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { command, judgeFate } from "./command.ts";
import { type FaultKind, pick, type Trial } from "./fault-kind.ts";
import { fileCalls, leftoversIn, type Scene, standingOf, versions } from "./scene.ts";
import { harmed, type Toll } from "./toll.ts";

/** After how many kills. */
const UNHARMED = 20;

export const kills: FaultKind = {
  name: "kills",
  tries: { full: 300, short: 4 },
  inflict: async ({ scene, count, random, toll, isTimeUp }: Trial) => {
    const hit = new Set<Scene["tasks"][number]>();
    for (let i = 0; i < count && !isTimeUp(); i++) {
      const task = pick(random, scene.tasks);
      const version = pick(random, versions);
      const args = [...task.args(version), "--quiet"];
      const [byCall, moment] = [random.next() < 0.5, random.next()];
      const at = 1 + Math.floor(moment * task.fileCalls);
      const start = byCall
        ? { env: { ...scene.env, CHAOS_AT: `${at}` }, nodeOptions: ["--require", fileCalls] }
        : { env: scene.env };
      const after = 1000 * moment * task.seconds;
      const killed = await command(args, {
        cwd: scene.folder,
        ...start,
        onStart: (child) => void (byCall ? undefined : delay(after).then(() => child.kill("SIGKILL"))),
      });
      toll.tried++;
      const words = `${task.name} ${version} killed ${byCall ? `at file call ${at}` : `after ${after.toFixed(0)} ms`}`;
      if (killed.signal !== "SIGKILL") judgeFate(killed, toll, words);
      const standing = await standingOf(scene, task);
      if (standing === "lost" || standing === "half-written") harmed(toll, standing, words);
      hit.add(task);
      if (i % UNHARMED !== UNHARMED - 1 && i < count - 1) continue;
      for (const unharmed of hit) await end(scene, unharmed, toll);
      for (const path of await leftoversIn(scene)) harmed(toll, "leftovers", path);
      hit.clear();
    }
  },
};

/** The task once, unharmed: it must succeed by the version that is asked for. */
async function end(scene: Scene, task: Scene["tasks"][number], toll: Toll): Promise<void> {
  const fate = await command([...task.args("a"), "--quiet"], { cwd: scene.folder, env: scene.env });
  const words = `${task.name} after kills`;
  judgeFate(fate, toll, words);
  if (fate.status !== 0) harmed(toll, "lost", `${words}: ${fate.output.slice(0, 300)}`);
  if ((await standingOf(scene, task)) !== "a") harmed(toll, "lost", `${words} is not as asked for`);
  if (task.memory !== undefined) await rm(join(scene.folder, task.memory), { recursive: true, force: true });
}
