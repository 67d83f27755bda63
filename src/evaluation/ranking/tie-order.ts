/**
 * Who comes first among equal scores: a seeded order of the items. By row number, a model that scores everything alike would
 * inherit whatever the catalog is sorted by, such as popularity; so it gets what chance gives.
 */
import { createRandom } from "../../math/random.ts";

export interface TieOrder {
  /** All item rows, who wins a tie first. */
  readonly rows: Uint32Array;
  /** The place of each item in `rows`. */
  readonly places: Uint32Array;
}

export function createTieOrder(items: number, seed: number): TieOrder {
  const rows = Uint32Array.from({ length: items }, (_, row) => row);
  createRandom(seed).shuffle(rows);
  return tieOrderOf(rows);
}

/** The order in which the rows stand. */
export function tieOrderOf(rows: Uint32Array): TieOrder {
  const places = new Uint32Array(rows.length);
  for (const [place, row] of rows.entries()) places[row] = place;
  return { rows, places };
}
