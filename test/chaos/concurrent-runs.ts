/**
 * Commands that write the same outputs at the same time, each process number 1 where the system has namespaces for that, while a
 * reader loads the bundle again and again. All must succeed, the reader must never fail, and the outputs stand whole by one of them.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { loadBundle } from "../../src/bundle/bundle.ts";
import { messageOf } from "../../src/file-errors.ts";
import { command, judgeFate } from "./command.ts";
import { type FaultKind, pick, type Trial } from "./fault-kind.ts";
import { leftoversIn, type Scene, standingOf, versions } from "./scene.ts";
import { harmed, type Toll } from "./toll.ts";

const AT_ONCE = 5;

export const concurrentRuns: FaultKind = {
  name: "concurrent runs",
  tries: { full: 100, short: 3 },
  inflict: async ({ scene, count, random, toll, isTimeUp }: Trial) => {
    const before = spawnSync("unshare", ["-pf", "true"]).status === 0 ? ["unshare", "-pf"] : [];
    toll.means = before.length > 0 ? "all process number 1" : "";
    // One search folder is for one search at a time.
    const [run, ...others] = scene.tasks.filter(({ memory }) => memory === undefined);
    for (let done = 0; done < count && !isTimeUp(); done += AT_ONCE) {
      const task = random.next() < 0.7 ? run : pick(random, others);
      const chosen = Array.from({ length: Math.min(AT_ONCE, count - done) }, () => pick(random, versions));
      const words = `${task.name} ${chosen.join(" ")} at once`;
      const fates = Promise.all(
        chosen.map((version) =>
          command([...task.args(version), "--quiet"], { cwd: scene.folder, env: scene.env, before }),
        ),
      );
      await readUntil(fates, scene, toll, words);
      for (const fate of await fates) {
        toll.tried++;
        judgeFate(fate, toll, words);
        if (fate.status !== 0) harmed(toll, "lost", `${words}: ${fate.output.slice(0, 300)}`);
      }
      const standing = await standingOf(scene, task);
      if (standing === "lost" || standing === "half-written") harmed(toll, standing, words);
      for (const path of await leftoversIn(scene)) harmed(toll, "leftovers", `${words}: ${path}`);
    }
  },
};

async function readUntil(end: Promise<unknown>, { folder }: Scene, toll: Toll, words: string): Promise<void> {
  let isOver = false;
  void end.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await loadBundle(join(folder, "out", "bundle")).catch((error: unknown) =>
      harmed(toll, "lost", `a reader beside ${words}: ${messageOf(error)}`),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
