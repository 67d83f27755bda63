/** The catalog and the features of a bundle with later items: those that it has are replaced, others follow. */
import { type Catalog, mergeCatalogs } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import { replaceRows, replaceSparseRows, rowOf, type SparseMatrix } from "../../math/matrix.ts";

export interface Items {
  readonly catalog: Catalog;
  readonly features: FeatureMatrix;
}

export interface UpdatedItems extends Items {
  /** Rows of the items that are new or whose features changed. */
  readonly changed: readonly number[];
}

/** Known items keep their rows, new ones follow in the order of the later catalog. */
export function updateItems(before: Items, later: Items): UpdatedItems {
  const rowOfId = new Map(before.catalog.ids.map((id, row) => [id, row]));
  for (const id of later.catalog.ids) if (!rowOfId.has(id)) rowOfId.set(id, rowOfId.size);
  const rows = later.catalog.ids.map((id) => rowOfId.get(id) ?? 0);
  const changed = rows.filter((row, i) => hasChanged(before.features, row, later.features, i));
  return {
    catalog: mergeCatalogs(before.catalog, later.catalog, rows),
    features: mergeFeatures(before.features, later.features, rows, rowOfId.size),
    changed,
  };
}

function hasChanged(before: FeatureMatrix, row: number, later: FeatureMatrix, laterRow: number): boolean {
  if (row >= before.values.rows) return true;
  return (
    differ(rowOf(before.values, row), rowOf(later.values, laterRow)) ||
    differ(rowOf(before.presence, row), rowOf(later.presence, laterRow)) ||
    (["indices", "values"] as const).some((part) =>
      differ(sparseRow(before.sparse, part, row), sparseRow(later.sparse, part, laterRow)),
    )
  );
}

type Numbers = Float32Array | Float64Array | Uint32Array;

function differ(a: Numbers, b: Numbers): boolean {
  return a.length !== b.length || a.some((value, d) => value !== b[d]);
}

function sparseRow(matrix: SparseMatrix | undefined, part: "indices" | "values", row: number): Numbers {
  if (matrix === undefined) return new Float32Array();
  return matrix[part].subarray(matrix.indptr[row], matrix.indptr[row + 1]);
}

function mergeFeatures(
  before: FeatureMatrix,
  later: FeatureMatrix,
  rows: readonly number[],
  count: number,
): FeatureMatrix {
  const dense = {
    values: replaceRows(before.values, count, rows, later.values),
    presence: replaceRows(before.presence, count, rows, later.presence),
    blocks: before.blocks,
  };
  if (before.sparse === undefined || later.sparse === undefined) return dense;
  return { ...dense, sparse: replaceSparseRows(before.sparse, count, rows, later.sparse) };
}
