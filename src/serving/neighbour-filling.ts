/**
 * Fills the table of neighbours beside everything else, row by row in a thread of the lowest priority. While requests come it rests as
 * long as it works, since a container's share of the processor knows no priorities.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type BackgroundSearch, startBackgroundSearch } from "../math/compute/search/background-search.ts";
import { once } from "../once.ts";
import type { BundleSession } from "./bundle-session.ts";
import { type ItemIndex, likenessQueries } from "./ranking/item-index.ts";
import { onlyItself } from "./ranking/known-neighbours.ts";
import { createNeighbourTable, type NeighbourTable } from "./ranking/neighbour-table.ts";

export interface NeighbourFilling {
  close(): void;
}

export interface FillingOptions {
  /** The index whose table is to be filled now. */
  readonly now: () => ItemIndex;
  /** Requests answered so far. */
  readonly answered: () => number;
  /** Told what ended the filling; the table stays as it is. */
  readonly onFailure?: (error: unknown) => void;
}

/** Rows of one search: as many as are read from the codes at once. */
const ROWS_AT_ONCE = 8;
/** Between two looks for rows that have become void, and before the first. */
const PAUSE_MS = 1000;
/** Below this share of void rows no thread is started: requests find theirs themselves. */
const WORTH_A_THREAD = 0.01;

/** The session with a table of so many neighbours an item, where it saves searches by codes; as it is for a depth of 0. */
export function withNeighbours(session: BundleSession, depth: number): BundleSession {
  const similar = once((): ItemIndex => {
    const index = session.similar();
    const isSearched = index.codes !== undefined && index.graph === undefined && index.backend.name === "native";
    if (depth === 0 || !isSearched) return index;
    return { ...index, neighbours: createNeighbourTable(index.vectors.rows, depth) };
  });
  return { ...session, similar };
}

/** Begins to fill, and goes on with what becomes void, until it is closed. */
export function startFilling(options: FillingOptions): NeighbourFilling {
  const stop = new AbortController();
  fill(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) options.onFailure?.(error);
  });
  return { close: () => stop.abort() };
}

async function fill({ now, answered }: FillingOptions, signal: AbortSignal): Promise<void> {
  await delay(PAUSE_MS, undefined, { signal, ref: false });
  for (;;) {
    const { neighbours } = now();
    if (neighbours !== undefined && isWorthThread(neighbours)) await fillBy(now, answered, signal);
    await delay(PAUSE_MS, undefined, { signal, ref: false });
  }
}

function isWorthThread(table: NeighbourTable): boolean {
  return table.rows - table.filled() > WORTH_A_THREAD * table.rows;
}

/** By a thread of one table: what it was sent of a bundle goes when the bundle goes. */
async function fillBy(now: () => ItemIndex, answered: () => number, signal: AbortSignal): Promise<void> {
  const search = startBackgroundSearch();
  const end = () => search.close();
  signal.addEventListener("abort", end);
  try {
    await fillTable(now, answered, search, signal);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

/** Returns when the table is full, or another has taken its place. */
async function fillTable(
  now: () => ItemIndex,
  answered: () => number,
  search: BackgroundSearch,
  signal: AbortSignal,
): Promise<void> {
  const table = now().neighbours;
  if (table === undefined) return;
  for (let rows = table.missing(ROWS_AT_ONCE); rows.length > 0; rows = table.missing(ROWS_AT_ONCE)) {
    const before = { time: performance.now(), answered: answered() };
    await fillRows(now(), table, rows, search);
    if (now().neighbours !== table) return;
    const isBusy = answered() > before.answered;
    await delay(isBusy ? performance.now() - before.time : 0, undefined, { signal, ref: false });
  }
}

async function fillRows(
  index: ItemIndex,
  table: NeighbourTable,
  rows: readonly number[],
  search: BackgroundSearch,
): Promise<void> {
  const since = table.now();
  const { queries, normExponent } = likenessQueries(index, Uint32Array.from(rows));
  const found = await search.topK({
    queries,
    items: index.vectors,
    count: Math.min(table.depth, index.vectors.rows),
    exclude: onlyItself(rows, index.vectors.rows),
    ...(normExponent > 0 && { itemScale: index.scale(normExponent) }),
    ...(index.codes && { codes: index.codes() }),
  });
  table.keep(rows, found, since);
}
