/** What finds candidates for owners of a block, by the model or by a fallback: what lists under rules are made from. */
import type { Hit } from "./item-index.ts";

export interface FinderRequest {
  /** Places of the owners in their block. */
  readonly owners: readonly number[];
  readonly count: number;
  /** n flags; every item where absent. */
  readonly allow?: Uint8Array;
  /** Rows that an owner is not listed, one entry an owner of the request. */
  readonly exclude: readonly (readonly number[])[];
  /** Standard deviations of the posterior that are added to what items are chosen by, not to the scores. */
  readonly reach: number;
}

/** The best `count` items of each owner, best first. */
export type Finder = (request: FinderRequest) => Promise<readonly (readonly Hit[])[]>;
