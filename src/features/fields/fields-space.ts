/**
 * All fields of a catalog side by side: the sparse rows of each (`field-space.ts`) times the root of its share, so that the inner
 * product of two items is the weighted sum of their likenesses field by field, 1 for an item with itself that has every field. For
 * methods that need columns the rows are projected on their leading right singular vectors.
 */
import type { BlockValues } from "../../data/block-values.ts";
import type { Catalog } from "../../data/catalog.ts";
import type { BlockPart } from "../../data/feature-matrix.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { sharedOnce } from "../../math/compute/shared-memory.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, takeSparseRows, zeros } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import { joinSparse, productSide, sparseProducts, sparseSquaredNorms } from "../../math/sparse-product.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";
import { blockShares } from "./block-shares.ts";
import { type Field, fieldsOf } from "./field-kinds.ts";
import { type FieldSpace, fieldRows, fieldWidth, fitField } from "./field-space.ts";
import { type GivenShares, settledShares } from "./given-shares.ts";

/** A field and its part in the likeness of two items. */
export interface SharedField extends FieldSpace {
  /** 0 for a field that tells nothing, which then has no columns; the shares of a space sum to 1. */
  readonly share: number;
}

export interface FieldsSpace {
  readonly fields: readonly SharedField[];
  /** V: terms of all fields x dimension. */
  readonly projection: Matrix;
}

export interface FieldsOptions {
  readonly minimumCount: number;
  /** Columns of the projection, at most. */
  readonly dimension: number | "auto";
  /** Shares that are not learnt, by name of the field. */
  readonly shares: GivenShares;
}

export interface FieldsData {
  readonly catalog: Catalog;
  /** Items that may be learnt from. */
  readonly rows: ArrayLike<number>;
  /** users x items: what shares are learnt from; equal shares without. */
  readonly behaviour?: SparseMatrix;
  /** Shares that were learnt before, by name of the field; a field that is not among them had nothing to learn from. */
  readonly parts?: readonly BlockPart[];
}

const SEED = 1;

/** Fits on the items at `rows` alone. INVALID_OPTIONS for a share of a field that is not there. */
export async function fitFields(data: FieldsData, options: FieldsOptions): Promise<FieldsSpace> {
  return (await fitFieldValues(data, options)).space;
}

/** What `fitFields` and then `applyFields` give; every text is read once. */
export async function fitFieldValues(
  data: FieldsData,
  options: FieldsOptions,
): Promise<{ readonly space: FieldsSpace; readonly values: BlockValues }> {
  const { catalog, rows } = data;
  const items = catalog.ids.length;
  const fitted = fieldsOf(catalog)
    .map((field) => fitField(field, rows, items, options.minimumCount))
    .filter(({ space }) => fieldWidth(space) > 0);
  const names = fitted.map(({ space }) => space.name);
  const before = names.map((name) => data.parts?.find((part) => part.name === name)?.share ?? 0);
  const isKnown = before.some((share) => share > 0);
  const rowsOf = () => fitted.map((field) => field.rows);
  const shares = settledShares(names, options.shares, isKnown ? before : await learntShares(data, rowsOf()));
  const heard = fitted.filter((_, f) => shares[f] > 0);
  const scales = shares.filter((share) => share > 0).map(Math.sqrt);
  const sparse = joinSparse(
    heard.map((field) => field.rows),
    scales,
    items,
  );
  const fields = fitted.map(({ space }, f) => withoutSilent({ ...space, share: shares[f] }));
  const projection = await projectionOf(takeSparseRows(sparse, rows), options);
  return { space: { fields, projection }, values: await projected(sparse, projection) };
}

/** What a sample says of fields is worth about as much as that all fields tell alike. */
const EVENLY = 0.5;

/** `parts` are the rows of every field: items x its columns. */
async function learntShares(
  { rows, behaviour }: FieldsData,
  parts: readonly SparseMatrix[],
): Promise<readonly number[] | undefined> {
  if (behaviour === undefined || parts.length < 2) return undefined;
  const productsAt = (items: readonly number[], columns: readonly number[]) =>
    Promise.all(
      parts.map(async (part) =>
        sparseProducts(takeSparseRows(part, items), await productSide(takeSparseRows(part, columns))),
      ),
    );
  return blockShares({ behaviour, rows, evenly: EVENLY, productsAt });
}

/** What a field without a share knows is not kept. */
function withoutSilent(field: SharedField): SharedField {
  return field.share > 0 ? field : { ...field, terms: [], inverseFrequency: new Float32Array(), knots: [] };
}

/** More columns keep more of the likeness: a fourth of the items, within bounds. */
const MOST_COLUMNS = 768;
const FEWEST_COLUMNS = 64;

/** Products that a pass over all rows may cost, or one over the sample: what is found on a sample is applied to all once. */
const [MOST_PRODUCTS, MOST_SAMPLED_PRODUCTS] = [1.5e9, 5e8];

function dimensionOf({ dimension }: FieldsOptions, sample: SparseMatrix, training: SparseMatrix): number {
  if (dimension !== "auto") return dimension;
  const affordable = Math.max(MOST_PRODUCTS / training.indices.length, MOST_SAMPLED_PRODUCTS / sample.indices.length);
  return Math.round(Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, sample.rows / 4, affordable)));
}

/** Rows that span the directions: a sample of so many finds the leading ones of any number. */
const MOST_ROWS = 20_000;

async function projectionOf(training: SparseMatrix, options: FieldsOptions): Promise<Matrix> {
  if (training.indices.length === 0) return zeros(training.columns, 0);
  const rows = Array.from({ length: training.rows }, (_, i) => i);
  if (rows.length > MOST_ROWS) createRandom(SEED).shuffle(rows);
  const sample = takeSparseRows(
    training,
    rows.slice(0, MOST_ROWS).sort((a, b) => a - b),
  );
  const rank = dimensionOf(options, sample, training);
  return (await truncatedSvd(sparseMap(sample), { rank, seed: SEED })).right;
}

/** The rows of any catalog: items x terms. */
export function sparseRows(fields: readonly SharedField[], catalog: Catalog): SparseMatrix {
  const given = fieldsOf(catalog);
  const items = catalog.ids.length;
  return joinSparse(
    fields.map((space) => fieldRows(space, fieldOf(space, given), items)),
    fields.map(({ share }) => Math.sqrt(share)),
    items,
  );
}

function fieldOf({ name }: FieldSpace, fields: readonly Field[]): Field | undefined {
  return fields.find((field) => field.name === name);
}

/** An item of which no field has a known term has no such block. */
export async function applyFields({ fields, projection }: FieldsSpace, catalog: Catalog): Promise<BlockValues> {
  return projected(sparseRows(fields, catalog), projection);
}

async function projected(sparse: SparseMatrix, projection: Matrix): Promise<BlockValues> {
  const presence = Uint8Array.from({ length: sparse.rows }, (_, i) =>
    sparse.indptr[i + 1] > sparse.indptr[i] ? 1 : 0,
  );
  const vectors =
    projection.columns === 0
      ? zeros(sparse.rows, 0)
      : await defaultBackend().multiplySparse(sparse, sharedOnce(projection));
  return { vectors, presence, sparse };
}

/** The share of the squared length of the sparse rows at `rows` that the projection keeps; 1 where they are empty. */
export function keptEnergy({ vectors, sparse }: BlockValues, rows: readonly number[]): number {
  if (sparse === undefined) return 1;
  const squares = sparseSquaredNorms(takeSparseRows(sparse, rows));
  const whole = squares.reduce((sum, square) => sum + square, 0);
  let kept = 0;
  for (const row of rows) {
    for (let p = row * vectors.columns; p < (row + 1) * vectors.columns; p++) kept += vectors.values[p] ** 2;
  }
  return whole === 0 ? 1 : Math.min(1, kept / whole);
}
