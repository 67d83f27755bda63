/**
 * Lists from a table of neighbours, exact: the first k of a row that pass are the best k of what passes. Items that moved since are
 * left out of the row and scored anew. Where fewer than k are left, nothing is said, and a search must answer.
 */
import { rowOf } from "../../math/matrix.ts";
import {
  type Candidates,
  type Hit,
  type ItemIndex,
  likenessQuery,
  normOf,
  searchBlock,
  searchIndex,
} from "./item-index.ts";
import type { KnownNeighbours, NeighbourTable } from "./neighbour-table.ts";
import { partOf } from "./part-index.ts";

export interface KnownRequest extends Candidates {
  readonly count: number;
}

/** The best `count` others of item `row`, as `similarItems` gives them; undefined where the table does not say. */
export async function knownNeighbours(
  index: ItemIndex,
  row: number,
  { count, exclude = [], allow }: KnownRequest,
): Promise<Hit[] | undefined> {
  const { neighbours } = index;
  if (neighbours === undefined || count > neighbours.depth) return undefined;
  // A filter may leave too few: then a search under it is all there is to do.
  const known =
    neighbours.find(row) ?? (allow === undefined ? await foundNeighbours(index, neighbours, row) : undefined);
  if (known === undefined) return undefined;
  const left = new Set(exclude);
  const passes = (item: number) =>
    item !== row && !left.has(item) && index.listable?.[item] !== 0 && allow?.[item] !== 0;
  const hits = passing(known, count, (item) => passes(item) && !known.moved.has(item));
  const isWhole = known.items[known.items.length - 1] < 0;
  if (hits.length < count && !isWhole) return undefined;
  const lowest = hits.length < count ? Number.NEGATIVE_INFINITY : hits[count - 1].score;
  const moved = [...known.moved].filter((item) => item < index.vectors.rows && passes(item));
  const near = await movedHits(index, row, moved, lowest);
  if (near.length === 0) return hits;
  return [...hits, ...near].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, count);
}

/** Searches for the row's neighbours and keeps them. */
async function foundNeighbours(
  index: ItemIndex,
  table: NeighbourTable,
  row: number,
): Promise<KnownNeighbours | undefined> {
  if (row >= table.rows) return undefined;
  const since = table.now();
  const { query, normExponent } = likenessQuery(index, rowOf(index.vectors, row));
  const found = await searchBlock(
    { ...index, listable: undefined },
    { rows: 1, columns: query.length, values: query },
    { count: table.depth, exclude: onlyItself([row], index.vectors.rows), normExponent },
  );
  table.keep([row], found, since);
  return table.find(row);
}

/** The pattern that leaves each row out of its own list. */
export function onlyItself(rows: ArrayLike<number>, columns: number) {
  const indices = Uint32Array.from(rows);
  const indptr = Uint32Array.from({ length: rows.length + 1 }, (_, i) => i);
  return { rows: rows.length, columns, indptr, indices, values: new Float32Array(rows.length).fill(1) };
}

function passing({ items, scores }: KnownNeighbours, count: number, passes: (item: number) => boolean): Hit[] {
  const hits: Hit[] = [];
  for (let place = 0; place < items.length && hits.length < count && items[place] >= 0; place++) {
    if (passes(items[place])) hits.push({ row: items[place], score: scores[place] });
  }
  return hits;
}

/** Those of some items whose scores may reach `lowest`, by their exact scores. */
async function movedHits(index: ItemIndex, row: number, items: readonly number[], lowest: number): Promise<Hit[]> {
  if (items.length === 0) return [];
  const { query, normExponent } = likenessQuery(index, rowOf(index.vectors, row));
  const bound = upperBounds(index, query, normExponent);
  const near = items.filter((item) => !(bound(item) < lowest)).sort((a, b) => a - b);
  if (near.length === 0) return [];
  const hits = await searchIndex(partOf(index, near), query, { count: near.length, normExponent });
  return hits.map((hit) => ({ row: near[hit.row], score: hit.score }));
}

/** At least the score of an item in float32, however its products are summed. */
function upperBounds(index: ItemIndex, query: Float32Array, normExponent: number): (item: number) => number {
  const { values, columns } = index.vectors;
  const rounding = (columns + 16) * 2 ** -23 * normOf(query);
  const scale = normExponent > 0 ? index.scale(normExponent) : undefined;
  return (item) => {
    let product = 0;
    for (let d = 0, p = item * columns; d < columns; d++, p++) product += query[d] * values[p];
    return (product + rounding * index.norms[item]) * (scale?.[item] ?? 1);
  };
}
