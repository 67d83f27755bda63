/**
 * Ranking metrics at k of one user with n held-out items, as sums over those that the list of k shows: with r_1 < r_2 < ... their
 * ranks from 1, a metric is sum_{r_j <= k} gain(r_j, j) / divisor(k, n). A sum, so that it can be parted among the items too.
 * A target without a place in the list gains nothing. Ties in score are broken by a seeded order of the items.
 * The forms with weights follow Jarvelin and Kekalainen 2002 (ndcg) and Steck 2011 (recall).
 */

/** A kind of metric of the ranks at which held-out items stand. */
export interface RankMetricKind {
  readonly of: "ranks";
  /** Before the "@" of a metric's name. */
  readonly name: string;
  /** As a report's heading has it; the name when absent. */
  readonly label?: string;
  /** One sentence, printed beneath the figures. */
  readonly definition: string;
  /** What the held-out item at rank r, the j-th that the list shows, adds. */
  readonly gain: (rank: number, j: number) => number;
  /** `weights`: of the n held-out items, descending; ones where `weighted` is false. */
  readonly divisor: (k: number, weights: ArrayLike<number>) => number;
  /** Whether gains are multiplied by the item's weight. */
  readonly weighted?: boolean;
}

/** A kind at its list length k. */
export interface RankMetric {
  /** "ndcg@10". */
  readonly name: string;
  readonly k: number;
  readonly kind: RankMetricKind;
}

/** The value in [0, 1] for one user: `ranks` ascending, at least one; `weights` parallel to them, ones when absent. */
export function metricOf({ k, kind }: RankMetric, ranks: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const used = kind.weighted && weights !== undefined ? weights : ones(ranks.length);
  let gained = 0;
  for (let j = 0; j < ranks.length && ranks[j] <= k; j++) gained += kind.gain(ranks[j], j + 1) * used[j];
  return gained === 0 ? 0 : gained / kind.divisor(k, Float64Array.from(used).sort().reverse());
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}
