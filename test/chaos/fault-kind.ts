/** A kind of fault that a machine can have, and what it is tried on. `faults.ts` lists all. */
import type { Random } from "../../src/math/random.ts";
import type { Scene } from "./scene.ts";
import type { Toll } from "./toll.ts";

export interface FaultKind {
  readonly name: string;
  /** How often: in `npm run test:chaos`, and in the tests that everybody runs. */
  readonly tries: { readonly full: number; readonly short: number };
  /** Does the tries, fewer when time is up, and writes down what they cost. */
  readonly inflict: (trial: Trial) => Promise<void>;
}

export interface Trial {
  /** A folder of this kind's own. */
  readonly scene: Scene;
  readonly count: number;
  readonly random: Random;
  readonly toll: Toll;
  readonly isTimeUp: () => boolean;
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)];
}
