/** Features to which rows are added while others read them. Later rows lie beside the first ones, which are never copied. */
import { type FeatureMatrix, featureRow } from "../../data/feature-matrix.ts";
import { createGrowingMatrix } from "../../math/growing-matrix.ts";
import { type Matrix, rowOf, zeros } from "../../math/matrix.ts";

export interface GrowingFeatures {
  /** All rows there are now. */
  view(): FeatureMatrix;
  /** Row `row` takes row `from` of others; the row after the last one is added. */
  put(row: number, others: FeatureMatrix, from: number): void;
}

export function createGrowingFeatures(base: FeatureMatrix): GrowingFeatures {
  const { blocks } = base;
  const later = new Map<number, Float32Array>();
  const presence = createGrowingMatrix(base.presence);
  return {
    view: () => {
      const now = presence.view();
      return {
        blocks,
        presence: now,
        row: (row) => later.get(row) ?? featureRow(base, row),
        get values() {
          return joined(base.values, later, now.rows);
        },
      };
    },
    put: (row, others, from) => {
      later.set(row, rowOf(others.values, from).slice());
      presence.put(row, rowOf(others.presence, from));
    },
  };
}

function joined(first: Matrix, later: ReadonlyMap<number, Float32Array>, rows: number): Matrix {
  const all = zeros(rows, first.columns);
  all.values.set(first.values);
  for (const [row, values] of later) if (row < rows) rowOf(all, row).set(values);
  return all;
}
