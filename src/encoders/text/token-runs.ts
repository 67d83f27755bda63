/** Token sequences as a BERT-shaped graph takes them: cut into runs of like length under a token budget, padded, masked. */
import { Tensor } from "../../math/onnx/onnx-runtime.ts";

/**
 * Tokens in one run of the graph, padding included: enough to fill the matrix products, few enough for activations to stay in
 * cache (bench/README.md).
 */
const TOKENS_PER_RUN = 512;

export interface TokenSequence {
  /** Position in the batch, which is the row of its vector. */
  readonly index: number;
  readonly ids: readonly number[];
}

/** Runs by rising length; cut where the next sequence, to whose length all are padded, would go over the budget. One at least. */
export function tokenRuns(sequences: readonly TokenSequence[]): TokenSequence[][] {
  const runs: TokenSequence[][] = [];
  for (const sequence of sequences.toSorted((a, b) => a.ids.length - b.ids.length || a.index - b.index)) {
    const run = runs.at(-1);
    if (run !== undefined && (run.length + 1) * sequence.ids.length <= TOKENS_PER_RUN) run.push(sequence);
    else runs.push([sequence]);
  }
  return runs;
}

export interface PaddedRun {
  readonly count: number;
  /** Tokens of the longest sequence. */
  readonly length: number;
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
}

/** Every sequence followed by padding up to the longest, where the mask is 0. */
export function padRun(sequences: readonly TokenSequence[], paddingId: number): PaddedRun {
  const count = sequences.length;
  const length = Math.max(...sequences.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(count * length).fill(BigInt(paddingId));
  const mask = new BigInt64Array(count * length);
  for (const [i, { ids: own }] of sequences.entries()) {
    for (const [t, id] of own.entries()) ids[i * length + t] = BigInt(id);
    mask.fill(1n, i * length, i * length + own.length);
  }
  return { count, length, ids, mask };
}

/** The inputs that the graph has: exports differ in whether they take token types. */
export function feedsOf(
  { count, length, ids, mask }: PaddedRun,
  inputNames: readonly string[],
): Record<string, Tensor> {
  const dimensions = [count, length];
  const feeds: Record<string, Tensor> = { input_ids: new Tensor("int64", ids, dimensions) };
  if (inputNames.includes("attention_mask")) feeds.attention_mask = new Tensor("int64", mask, dimensions);
  if (inputNames.includes("token_type_ids")) {
    feeds.token_type_ids = new Tensor("int64", new BigInt64Array(count * length), dimensions);
  }
  return feeds;
}
