/**
 * What tuning may see: the interactions that every protocol of the pipeline leaves to training, at every seed. Whatever any of them
 * asks for later (a cold item, a user's last interaction, a warm-up item) is gone before the first trial.
 */
import type { PipelineConfig } from "../../config.ts";
import type { Interactions } from "../../data/interactions.ts";
import { splitColdItems, splitWarmTail, takeEntries } from "../../data/splits/split.ts";
import { splitWarmUp } from "../../data/splits/warm-up-split.ts";

/** The same users x items without the pipeline's test interactions. Throws as the splits do. */
export function trainingSide(interactions: Interactions, evaluation: PipelineConfig["evaluation"]): Interactions {
  const asked = new Uint8Array(interactions.indices.length);
  for (const test of testSides(interactions, evaluation)) markEntries(interactions, test, asked);
  return takeEntries(interactions, asked, 0);
}

function testSides(
  interactions: Interactions,
  { coldItems, warmTail, warmUp, seeds }: PipelineConfig["evaluation"],
): Interactions[] {
  const tests: Interactions[] = [];
  for (const seed of coldItems === null ? [] : (seeds ?? [coldItems.seed])) {
    tests.push(splitColdItems(interactions, { ...coldItems, seed }).test);
  }
  for (const seed of warmTail === null ? [] : (seeds ?? [warmTail.seed])) {
    tests.push(splitWarmTail(interactions, { ...warmTail, seed }).test);
  }
  if (warmUp === null) return tests;
  const { models: _, ...options } = warmUp;
  return [...tests, splitWarmUp(interactions, options).test];
}

/** Flags the places of the part's entries; both hold the columns of a row in ascending order. */
function markEntries(whole: Interactions, part: Interactions, flags: Uint8Array): void {
  for (let user = 0; user < whole.rows; user++) {
    let p = whole.indptr[user];
    for (let q = part.indptr[user]; q < part.indptr[user + 1]; q++) {
      while (whole.indices[p] < part.indices[q]) p++;
      flags[p] = 1;
    }
  }
}
