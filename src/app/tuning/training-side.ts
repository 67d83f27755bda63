/**
 * What tuning may see: the interactions that every protocol of the pipeline leaves to training. Whatever any of them asks for later
 * (a cold item, a user's last interaction, a warm-up item) is gone before the first trial.
 */
import type { PipelineConfig } from "../../config.ts";
import type { Interactions } from "../../data/interactions.ts";
import { hideItems, splitColdItems, splitWarmTail } from "../../data/split.ts";
import { splitWarmUp } from "../../data/warm-up-split.ts";

/** The same users x items without the pipeline's test interactions. Throws as the splits do. */
export function trainingSide(
  interactions: Interactions,
  { coldItems, warmTail, warmUp }: PipelineConfig["evaluation"],
): Interactions {
  const kept = warmTail === null ? interactions : splitWarmTail(interactions, warmTail).train;
  const hidden = coldItems === null ? [] : Array.from(splitColdItems(interactions, coldItems).coldItems);
  if (warmUp === null) return hideItems(kept, hidden).train;
  const { models: _, ...options } = warmUp;
  return hideItems(kept, [...hidden, ...splitWarmUp(interactions, options).items]).train;
}
