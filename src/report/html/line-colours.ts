/**
 * Colours of lines: the reference has the accent, other models one of eight that differ for the colour-blind too, slices theirs
 * of the map, from cold to head.
 */
import type { SliceRecord } from "../../evaluation/report.ts";

const COLOURS = 8;

export function colourOf(name: string, reference: string, place: number): string {
  return name === reference ? "reference" : `c${place % COLOURS}`;
}

/** Upper ends of the supports that share a colour; the last is open. */
export const SUPPORT_COLOURS = [
  { name: "cold", maximum: 0 },
  { name: "1-3", maximum: 3 },
  { name: "4-10", maximum: 10 },
  { name: "11-20", maximum: 20 },
  { name: "21+", maximum: Number.POSITIVE_INFINITY },
] as const;

export function supportColour(support: number): number {
  return SUPPORT_COLOURS.findIndex(({ maximum }) => support <= maximum);
}

/** The accent for every item; else by where the slice begins. */
export function sliceColour(slice: SliceRecord | undefined): string {
  return slice === undefined || slice.name === "all" ? "reference" : `t${supportColour(slice.minimum)}`;
}
