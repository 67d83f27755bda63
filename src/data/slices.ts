/** Popularity slices: ranges of an item's training support, by which every figure is reported. */

export interface Slice {
  readonly name: string;
  /** Smallest support, inclusive. */
  readonly minimum: number;
  /** Largest support, inclusive; Infinity for the last. */
  readonly maximum: number;
}

/** The slices of every report, unless its options name others. */
export const defaultSlices: readonly Slice[] = [
  { name: "all", minimum: 0, maximum: Number.POSITIVE_INFINITY },
  { name: "cold", minimum: 0, maximum: 0 },
  { name: "1-3", minimum: 1, maximum: 3 },
  { name: "4-10", minimum: 4, maximum: 10 },
  { name: "11-20", minimum: 11, maximum: 20 },
  { name: "21+", minimum: 21, maximum: Number.POSITIVE_INFINITY },
];

/** One flag an item: 1 where its support lies in the slice. */
export function sliceItems(slice: Slice, support: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(support, (count) => (count >= slice.minimum && count <= slice.maximum ? 1 : 0));
}
