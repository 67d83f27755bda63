/**
 * Neighbours without looking at all items, for catalogs beyond a million: a graph of near vectors (HNSW, Malkov and Yashunin 2018) as the
 * package usearch keeps it. It proposes candidates by q.h / |h|^e, in 16 bits a number; whoever asks scores them exactly. One
 * thread builds it, so that the same vectors give the same bytes.
 */
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import { type Matrix, rowRange } from "../../matrix.ts";
import { scaleRows, squaredNorms } from "../../row-norms.ts";

export interface GraphShape {
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** e. */
  readonly normExponent: number;
}

export interface NeighbourGraph extends GraphShape {
  /** Rows that are near each query (n x d), ascending: `count` a query, fewer where there are no more. */
  nearest(queries: Matrix, count: number): Uint32Array[];
  save(path: string): void;
}

/** What is used of usearch. */
interface Index {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(vectors: Float32Array[], count: number, threads: number): Found;
  size(): number;
  save(path: string): void;
  load(path: string): void;
}

interface Found {
  readonly keys: BigUint64Array;
  readonly counts: BigUint64Array;
}

interface Usearch {
  readonly Index: new (config: object) => Index;
}

/** Measured in bench/results/neighbours.md: recall of the best ten above .95. */
const SEARCH = { quantization: "bf16", connectivity: 16, expansion_add: 128, expansion_search: 128, multi: false };

/** Rows added between two looks at the clock and at a cancellation. */
const BLOCK = 4096;

/** Whether the package is installed here: it is optional. */
export function hasGraphs(): boolean {
  return loadUsearch() !== undefined;
}

/** The graph of all rows. INVALID_OPTIONS where usearch is not installed. */
export async function buildGraph(
  vectors: Matrix,
  normExponent: number,
  context: RunContext = {},
): Promise<NeighbourGraph> {
  const { rows, columns } = vectors;
  const index = createIndex(columns);
  for (let begin = 0; begin < rows; begin += BLOCK) {
    const block = rowRange(vectors, begin, Math.min(rows, begin + BLOCK));
    const keys = BigUint64Array.from({ length: block.rows }, (_, i) => BigInt(begin + i));
    index.add(keys, scaled(block, normExponent).values, 1);
    context.onProgress?.({ stage: "graph of neighbours", done: begin + block.rows, total: rows });
    await setImmediate();
    throwIfInterrupted(context);
  }
  return graphOf(index, { rows, columns, normExponent });
}

/** The graph in a file that `save` wrote. UNREADABLE_INPUT where it is of another shape; INVALID_OPTIONS where usearch is not installed. */
export function loadGraph(path: string, shape: GraphShape): NeighbourGraph {
  const index = createIndex(shape.columns);
  try {
    index.load(path);
  } catch (cause) {
    throw new TailrecError("UNREADABLE_INPUT", `${path}: no graph of usearch; make it again`, { cause });
  }
  if (index.size() === shape.rows) return graphOf(index, shape);
  throw new TailrecError(
    "UNREADABLE_INPUT",
    `${path}: expected a graph of ${shape.rows} rows, received ${index.size()}`,
  );
}

function graphOf(index: Index, shape: GraphShape): NeighbourGraph {
  return {
    ...shape,
    nearest: ({ rows, columns, values }, count) => {
      const queries = Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
      // Two at least, so that the answer has the form for several.
      const { keys, counts } = index.search(rows === 1 ? [...queries, ...queries] : queries, count, 1);
      return queries.map((_, i) => {
        const found = keys.subarray(i * count, i * count + Number(counts[i]));
        return Uint32Array.from(found, Number).sort();
      });
    },
    save: (path) => index.save(path),
  };
}

function scaled(block: Matrix, exponent: number): Matrix {
  if (exponent === 0) return { ...block, values: block.values.slice() };
  return scaleRows(
    block,
    squaredNorms(block).map((square) => (square > 0 ? square ** (-exponent / 2) : 0)),
  );
}

function createIndex(dimensions: number): Index {
  const usearch = loadUsearch();
  if (usearch !== undefined) return new usearch.Index({ dimensions, metric: "ip", ...SEARCH });
  throw new TailrecError(
    "INVALID_OPTIONS",
    "a graph of neighbours needs the optional package usearch; run `npm install usearch@2.25.3`, or search exactly",
  );
}

function loadUsearch(): Usearch | undefined {
  try {
    return createRequire(import.meta.url)("usearch");
  } catch {
    return undefined;
  }
}
