/** The weight of the popularity-corrected forms: popular items follow everything, and count for less. */
export const LIFT =
  "w = held-out count over (training support + 1), which within one query is proportional to the lift of the pair";
