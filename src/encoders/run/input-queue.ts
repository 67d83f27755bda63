/**
 * What of a block has to be encoded: inputs are read some at a time, known vectors come from the cache, an input seen before in
 * this run waits for its first copy, and the rest is handed out in batches under a budget. One reader: what a batch holds
 * depends on the inputs and the cache alone, never on who takes it or when.
 */
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { inputKey } from "../cache/embedding-cache.ts";
import type { BlockRequest } from "./block-request.ts";
import { type BlockResult, progressOf, putVector } from "./block-result.ts";
import type { EncoderInput } from "./encoder.ts";

export interface PendingInput {
  readonly row: number;
  readonly key: string;
  readonly input: EncoderInput;
}

export class InputQueue {
  readonly #request: BlockRequest;
  readonly #total: number;
  readonly #result: BlockResult;
  readonly #context: RunContext;
  readonly #firstRows = new Map<string, number>();
  #pending: PendingInput[] = [];
  #position = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `total`: inputs of the block, those included that are not to be read; for progress. */
  constructor(request: BlockRequest, total: number, result: BlockResult, context: RunContext) {
    this.#request = request;
    this.#total = total;
    this.#result = result;
    this.#context = context;
  }

  /** The next inputs to encode; none when all have been handed out or the queue is closed. */
  next(): Promise<readonly PendingInput[]> {
    // One after the other: two readers would mix their batches.
    const turn = this.#last.then(() => this.#take());
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Hands out nothing more: somebody has failed. */
  close(): void {
    this.#position = this.#request.order.length;
    this.#pending = [];
  }

  async #take(): Promise<readonly PendingInput[]> {
    const { order } = this.#request;
    while (this.#position < order.length && countWithin(this.#pending, this.#request) === this.#pending.length) {
      throwIfInterrupted(this.#context);
      await this.#readMore();
    }
    const count = countWithin(this.#pending, this.#request);
    const batch = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    return batch;
  }

  async #readMore(): Promise<void> {
    const { order, together, stage, known } = this.#request;
    const rows = order.subarray(this.#position, this.#position + together);
    this.#position += rows.length;
    const loaded = await loadInputs(rows, this.#request, this.#result);
    await known?.learn(loaded);
    const unknown = await takeKnown(loaded, this.#request, this.#result);
    for (const input of unknown) this.#addOnce(input);
    if (unknown.length < rows.length) this.#context.onProgress?.(progressOf(this.#result, stage, this.#total));
  }

  #addOnce(input: PendingInput): void {
    const first = this.#firstRows.get(input.key);
    if (first !== undefined) this.#result.copies.push({ row: input.row, first });
    else {
      this.#firstRows.set(input.key, input.row);
      this.#pending.push(input);
    }
  }
}

async function loadInputs(
  rows: Uint32Array,
  { load }: BlockRequest,
  { failures }: BlockResult,
): Promise<readonly PendingInput[]> {
  const loaded = await Promise.allSettled(Array.from(rows, (row) => load(row)));
  return loaded.flatMap((outcome, i) => {
    const row = rows[i];
    if (outcome.status === "fulfilled") return [{ row, input: outcome.value, key: inputKey(outcome.value) }];
    const { reason } = outcome;
    const code = reason instanceof TailrecError ? reason.code : "FILE_NOT_FOUND";
    failures.set(row, { row, code, reason: messageOf(reason) });
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
    if (vector === undefined) return true;
    putVector(result, row, vector);
    result.reused++;
    return false;
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
