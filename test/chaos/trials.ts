/** All kinds of fault on copies of one scene, two at a time, each with random numbers of its own: same seed, same faults. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../../src/math/random.ts";
import type { FaultKind } from "./fault-kind.ts";
import { copyScene, makeScene } from "./scene.ts";
import { openToll, type Toll } from "./toll.ts";

export interface TrialOptions {
  readonly extent: "full" | "short";
  readonly seed: number;
  /** No try begins later. */
  readonly seconds: number;
}

const LANES = 2;

/** How many of the scene's tasks; the later ones change their files as the earlier ones do. */
const TASKS = { full: undefined, short: 3 } as const;

export async function tryFaults(kinds: readonly FaultKind[], { extent, seed, seconds }: TrialOptions): Promise<Toll[]> {
  const ends = performance.now() + 1000 * seconds;
  const folder = await mkdtemp(join(tmpdir(), "tailrec-chaos-"));
  try {
    const scene = await makeScene(join(folder, "scene"), TASKS[extent]);
    const tolls = kinds.map(({ name }) => openToll(name));
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < kinds.length) {
        const own = next++;
        const { tries, inflict } = kinds[own];
        await inflict({
          scene: await copyScene(scene, join(folder, `${own}`)),
          count: tries[extent],
          random: createRandom(1000 * seed + own),
          toll: tolls[own],
          isTimeUp: () => performance.now() > ends,
        });
      }
    };
    // The folder is removed once no lane works in it any more, also where one of them breaks down.
    const endings = await Promise.allSettled(Array.from({ length: LANES }, lane));
    for (const ending of endings) if (ending.status === "rejected") throw ending.reason;
    return tolls;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
