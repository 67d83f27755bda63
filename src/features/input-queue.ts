/**
 * What of a block has to be encoded: inputs are read some at a time, known vectors come from the cache, an input seen before in
 * this run waits for its first copy, and the rest is handed out in batches under a budget. One reader: what a batch holds
 * depends on the inputs and the cache alone, never on who takes it or when.
 */
import { TailrecError } from "../errors.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { BlockRequest } from "./block-encoding.ts";
import type { BlockResult } from "./block-result.ts";
import { inputKey } from "./embedding-cache.ts";
import type { EncoderInput } from "./encoder.ts";

export interface PendingInput {
  readonly row: number;
  readonly key: string;
  readonly input: EncoderInput;
}

export interface InputQueue {
  /** The next inputs to encode; none when all have been handed out or the queue is closed. */
  next(): Promise<readonly PendingInput[]>;
  /** Hands out nothing more: somebody has failed. */
  close(): void;
}

export function createInputQueue(request: BlockRequest, result: BlockResult, context: RunContext): InputQueue {
  const { order, together } = request;
  const firstRows = new Map<string, number>();
  let pending: PendingInput[] = [];
  let position = 0;
  let last: Promise<unknown> = Promise.resolve();
  const readMore = async (): Promise<void> => {
    const rows = order.subarray(position, position + together);
    position += rows.length;
    const loaded = await loadInputs(rows, request, result);
    const unknown = await takeKnown(loaded, request, result);
    for (const input of unknown) {
      const first = firstRows.get(input.key);
      if (first === undefined) {
        firstRows.set(input.key, input.row);
        pending.push(input);
      } else result.copyLater(input.row, first);
    }
    if (unknown.length < rows.length) result.report();
  };
  const take = async (): Promise<readonly PendingInput[]> => {
    while (position < order.length && !exceeds(pending, request)) {
      throwIfInterrupted(context);
      await readMore();
    }
    const count = countWithin(pending, request);
    const batch = pending.slice(0, count);
    pending = pending.slice(count);
    return batch;
  };
  return {
    next: () => {
      // One after the other: two readers would mix their batches.
      const turn = last.then(take);
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => {
      position = order.length;
      pending = [];
    },
  };
}

async function loadInputs(
  rows: Uint32Array,
  { load }: BlockRequest,
  result: BlockResult,
): Promise<readonly PendingInput[]> {
  const loaded = await Promise.allSettled(Array.from(rows, (row) => load(row)));
  return loaded.flatMap((outcome, i) => {
    const row = rows[i];
    if (outcome.status === "fulfilled") return [{ row, input: outcome.value, key: inputKey(outcome.value) }];
    const { reason } = outcome;
    const code = reason instanceof TailrecError ? reason.code : "FILE_NOT_FOUND";
    result.fail(row, code, reason instanceof Error ? reason.message : String(reason));
    return [];
  });
}

/** Stores the vectors that the cache has, gives the inputs that it does not have. */
async function takeKnown(
  loaded: readonly PendingInput[],
  { cache }: BlockRequest,
  result: BlockResult,
): Promise<readonly PendingInput[]> {
  if (cache === undefined) return loaded;
  // Another process may have been here in the meantime.
  await cache.refresh();
  const vectors = await cache.read(loaded.map(({ key }) => key));
  return loaded.filter(({ row }, i) => {
    const vector = vectors[i];
    if (vector !== undefined) result.reuse(row, vector);
    return vector === undefined;
  });
}

/** How many inputs, from the first, stay within the budget; at least one. */
function countWithin(pending: readonly PendingInput[], { costOf, budget }: BlockRequest): number {
  let cost = 0;
  for (const [count, { input }] of pending.entries()) {
    cost += costOf(input);
    if (cost > budget && count > 0) return count;
  }
  return pending.length;
}

function exceeds(pending: readonly PendingInput[], request: BlockRequest): boolean {
  return countWithin(pending, request) < pending.length;
}
