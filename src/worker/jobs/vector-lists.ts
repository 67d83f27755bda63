/** The items of a bundle that score highest with vectors from elsewhere, such as those of `tailrec export` and of the job `features`. */
import { type Matrix, type SparseMatrix, zeros } from "../../math/matrix.ts";
import type { BundleSession } from "../../serving/bundle-session.ts";
import { createItemIndex, searchBlock } from "../../serving/ranking/item-index.ts";
import { steadyIndex } from "../../serving/ranking/steady-index.ts";
import { exportedVectors } from "../../serving/vectors/exported-vectors.ts";
import type { OpenedJob } from "../job.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "../record.ts";
import { listCells } from "./owned-lists.ts";

export interface VectorSearch {
  readonly count: number;
  /** The exponent of an item's length that is divided out of its score: the tail dial. */
  readonly normExponent: number;
}

/** In: id, vector (along the score axes), perhaps `exclude`: ids of items that are not listed, unknown ones among them or not. */
export async function vectorLists(session: BundleSession, search: VectorSearch): Promise<OpenedJob["run"]> {
  const { items } = await exportedVectors(session.bundle);
  const { source } = session.bundle.model.embeddings;
  const index = steadyIndex(createItemIndex(items.vectors));
  const entryOf = (row: number, score: number) => ({ item: items.ids[row], score, source: source[row] });
  return async (rows) => {
    const { queries, faults } = queriesIn(rows, index.vectors.columns);
    const { count, ...found } = await searchBlock(index, queries, { ...search, exclude: excludedItems(rows, session) });
    return faults.map((fault, row): OutputRow => {
      const id = rows.text("id", row);
      if (fault !== undefined) return { id, [QUARANTINE]: fault };
      const places = Array.from({ length: count }, (_, place) => row * count + place);
      const filled = places.filter((place) => found.items[place] !== -1);
      return { id, ...listCells(filled.map((place) => entryOf(found.items[place], found.scores[place]))) };
    });
  };
}

/** Zeros where there is a fault. */
function queriesIn(
  rows: InputRows,
  columns: number,
): { readonly queries: Matrix; readonly faults: readonly (string | undefined)[] } {
  const queries = zeros(rows.rows, columns);
  const faults = Array.from({ length: rows.rows }, (_, row) => {
    const vector = rows.numbers("vector", row);
    if (vector === null) return "missing vector";
    if (vector.length !== columns) return `a vector of ${vector.length} numbers: expected ${columns}`;
    if (!vector.every((value) => Number.isFinite(Math.fround(value)))) return "a vector that is not finite";
    queries.values.set(vector, row * columns);
    return undefined;
  });
  return { queries, faults };
}

function excludedItems(rows: InputRows, { bundle, hasItem, itemRow }: BundleSession): SparseMatrix | undefined {
  if (!rows.names.includes("exclude")) return undefined;
  const lists = Array.from({ length: rows.rows }, (_, row) => {
    const known = (rows.texts("exclude", row) ?? []).filter(hasItem).map(itemRow);
    return [...new Set(known)].sort((a, b) => a - b);
  });
  const indptr = new Uint32Array(rows.rows + 1);
  for (const [row, list] of lists.entries()) indptr[row + 1] = indptr[row] + list.length;
  const indices = Uint32Array.from(lists.flat());
  const values = new Float32Array(indices.length).fill(1);
  return { rows: rows.rows, columns: bundle.catalog.ids.length, indptr, indices, values };
}
