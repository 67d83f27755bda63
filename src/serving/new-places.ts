/**
 * Places of a list that are kept for new items, in the order of the model that makes the list: of the first n places a share s has
 * floor(s n) of them, evenly spread. What it costs is measured by the rivals `slots-1` to `slots-3` of the launch protocol.
 */
import { mergeLists } from "../evaluation/ranking/reserved-places.ts";
import type { Hit } from "./item-index.ts";

/** `newest` are hits among new items alone, best first; the list is as long as `hits`, and nobody stands twice. */
export function reserveForNew(hits: readonly Hit[], newest: readonly Hit[], share: number): Hit[] {
  const byRow = new Map([...newest, ...hits].map((hit) => [hit.row, hit]));
  const rowsOf = (list: readonly Hit[]) => list.map(({ row }) => row);
  return mergeLists(rowsOf(hits), rowsOf(newest), evenlySpread(share)).flatMap((row) => byRow.get(row) ?? []);
}

/** Whether a place, counted from 0, is one of the share. */
function evenlySpread(share: number): (place: number) => boolean {
  // Shares such as .1 have no exact binary form: a tenth of ten places is one.
  const reserved = (places: number) => Math.floor(share * places + 1e-9);
  return (place) => reserved(place + 1) > reserved(place);
}
