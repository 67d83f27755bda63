/**
 * Drift of an updated bundle: the share of its user-item pairs that the last full run had not seen, 1 - n_fitted / n. The regressor, the
 * settings and every row that no update touched rest on what that run saw (decision 098).
 */

/** From this drift on a full run is due: up to it an updated bundle ranked within a hundredth of a full run. */
export const DRIFT_LIMIT = 0.05;

/** 0 right after a full run; below 1. */
export function driftOf(fittedPairs: number, pairs: number): number {
  return pairs === 0 ? 0 : Math.max(0, 1 - fittedPairs / pairs);
}
