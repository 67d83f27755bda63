/** The settings along which a report draws curves, and what is said of each; every form of the report asks this list. */

export interface CurveWords {
  /** As a section of the page. */
  readonly title: string;
  /** As the heading of a table. */
  readonly heading: string;
  /** Name of the setting. */
  readonly setting: string;
  /** What its values mean. */
  readonly axis: string;
  /** What turning it does. */
  readonly text: string;
}

export const curveKinds = {
  "tail-dial": {
    title: "Tail dial",
    heading: "Along the tail dial",
    setting: "tail",
    axis: "exponent on the item norm (0: head-heavy, 1: tail-fair)",
    text: "One exponent divides item lengths out at query time, without refitting.",
  },
  length: {
    title: "Vector length",
    heading: "By the leading numbers of the vector",
    setting: "length",
    axis: "leading numbers of a vector that are kept",
    text: "Vectors cut to their leading numbers, as a smaller index would hold them.",
  },
} as const satisfies Readonly<Record<string, CurveWords>>;

export type CurveKind = keyof typeof curveKinds;
