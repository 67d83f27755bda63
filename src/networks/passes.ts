/** The loop of training: shuffled batches, a step each, as many passes as asked for. Says how far it is, and stops when it is told to. */
import type { Random } from "../math/random.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";

export interface Passes {
  /** As progress names it. */
  readonly stage: string;
  /** Examples are 0 .. count - 1. */
  readonly count: number;
  readonly batch: number;
  readonly epochs: number;
}

/** Calls `step` with the examples of a batch and the number of the step, from 1; it returns its loss, a mean over the batch. */
export async function trainPasses(
  { stage, count, batch, epochs }: Passes,
  random: Random,
  step: (examples: Uint32Array, number: number) => Promise<number>,
  context: RunContext,
): Promise<void> {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let number = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(order);
    let sum = 0;
    for (let begin = 0; begin < count; begin += batch) {
      throwIfInterrupted(context);
      const examples = order.slice(begin, begin + batch);
      sum += examples.length * (await step(examples, ++number));
    }
    const note = `loss ${(sum / Math.max(1, count)).toPrecision(4)}`;
    context.onProgress?.({ stage, done: epoch + 1, total: epochs, note });
  }
}

/** Steps that `trainPasses` takes. */
export function stepsOf({ count, batch, epochs }: Pick<Passes, "count" | "batch" | "epochs">): number {
  return epochs * Math.ceil(count / batch);
}
