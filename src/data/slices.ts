/** Slices: items of a range of training support, or those of them that a flag names. Every figure is reported by them. */

export interface Slice {
  readonly name: string;
  /** Smallest support, inclusive. */
  readonly minimum: number;
  /** Largest support, inclusive; Infinity for the last. */
  readonly maximum: number;
  /** A flag per item: 0 keeps the item out; the whole range when absent. */
  readonly items?: Uint8Array;
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

/** One flag an item: 1 where it lies in the slice. */
export function sliceItems({ minimum, maximum, items }: Slice, support: ArrayLike<number>): Uint8Array {
  const isIn = (count: number, item: number) => count >= minimum && count <= maximum && items?.[item] !== 0;
  return Uint8Array.from(support, (count, item) => Number(isIn(count, item)));
}
