/**
 * The vector by which a clicked item is compared: the plain ALS factors of whoever met it take their part, and behaviour weighs what its
 * support says. Who took both is known anew at the next update: that part, prior and content stay.
 */
import { columnRange, type Matrix } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import type { SimilarModel } from "./similar-model.ts";
import { assembleSimilar } from "./similar-vectors.ts";

export interface MovedBehaviour {
  /** Plain ALS's factors of the item: k values. */
  readonly factors: Float32Array;
  readonly support: number;
}

/** d values; `vector` is what the item had. */
export function movedSimilar(
  { settings, mostSupport, behaviour }: SimilarModel,
  vector: Float32Array,
  { factors, support }: MovedBehaviour,
): Float32Array {
  const k = factors.length;
  const row = { rows: 1, columns: vector.length, values: vector };
  const begin = settings.factors > 0 ? k : 0;
  const end = behaviour + (settings.prior > 0 ? k : 0);
  const part = (from: number, to: number): Matrix => unitRows(columnRange(row, from, to));
  const parts = {
    ...(settings.factors > 0 && { factors: unitRows({ rows: 1, columns: k, values: factors }) }),
    ...(settings.coOccurrence > 0 && { coOccurrence: part(begin, behaviour) }),
    ...(settings.prior > 0 && { prior: part(behaviour, end) }),
    ...(settings.content > 0 && vector.length > end && { content: part(end, vector.length) }),
  };
  return assembleSimilar({ parts, support: Uint32Array.of(support) }, settings, mostSupport).vectors.values;
}
