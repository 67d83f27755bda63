/** Token sequences as a graph takes them: cut into runs of like length under a token budget, padded, masked. */

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

/** What a graph fixes of its runs; undefined where it takes any number. */
export interface RunSize {
  readonly count?: number;
  readonly length?: number;
  /** The graph takes no mask and cannot tell padding from words: only texts of one length go together. */
  readonly unpadded?: boolean;
}

/**
 * Runs by rising length; cut where the next sequence, to whose length all are padded, would go over the budget. One at least. A graph
 * that fixes how many it takes gets no more than those in a run.
 */
export function tokenRuns(sequences: readonly TokenSequence[], size: RunSize = {}): TokenSequence[][] {
  const { count, length, unpadded = false } = size;
  const runs: TokenSequence[][] = [];
  const fits = (run: readonly TokenSequence[], { ids }: TokenSequence): boolean => {
    if (unpadded && run[0].ids.length !== ids.length) return false;
    return count === undefined ? (run.length + 1) * (length ?? ids.length) <= TOKENS_PER_RUN : run.length < count;
  };
  for (const sequence of sequences.toSorted((a, b) => a.ids.length - b.ids.length || a.index - b.index)) {
    const run = runs.at(-1);
    if (run !== undefined && fits(run, sequence)) run.push(sequence);
    else runs.push([sequence]);
  }
  return runs;
}

export interface PaddedRun {
  readonly count: number;
  /** Tokens of the longest sequence, padding where the graph fixes more. */
  readonly length: number;
  /** Count x length, row-major. */
  readonly ids: Int32Array;
  /** Tokens of each row before its padding. */
  readonly lengths: readonly number[];
}

/**
 * Every sequence followed by padding up to the longest, or to what the graph fixes. Rows that are missing to a fixed number are copies
 * of the last: of padding alone some graphs make no numbers.
 */
export function padRun(sequences: readonly TokenSequence[], paddingId: number, size: RunSize = {}): PaddedRun {
  const lengths = sequences.map(({ ids }) => ids.length);
  const { count = sequences.length, length = Math.max(...lengths) } = size;
  const rows = Array.from({ length: count }, (_, row) => sequences[Math.min(row, sequences.length - 1)].ids);
  const ids = new Int32Array(count * length).fill(paddingId);
  for (const [row, own] of rows.entries()) ids.set(own, row * length);
  return { count, length, ids, lengths: rows.map((own) => own.length) };
}
