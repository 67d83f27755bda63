/** Baseline `random`: what no knowledge at all reaches; the floor under every slice. */

import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { Baseline } from "./model-kind.ts";

/** An odd constant spreads neighbouring user numbers over the seeds (2^32 over the golden ratio). */
const SPREAD = 0x9e3779b9;

/** Uniform scores, drawn for each user alone: a user's list does not depend on who else is scored. */
export function randomOrder(items: number, seed: number): ScoredContender {
  const score = (users: Uint32Array) => {
    const scores = zeros(users.length, items);
    for (const [i, user] of users.entries()) {
      const random = createRandom(seed + Math.imul(user + 1, SPREAD));
      for (let j = 0; j < items; j++) scores.values[i * items + j] = random.next();
    }
    return scores;
  };
  return { name: "random", score, similar: { score } };
}

export const randomKind: Baseline = {
  name: "random",
  words: "a seeded order of its own for every user",
  knowsContent: false,
  fit: ({ train, seed }) => randomOrder(train.columns, seed),
};
