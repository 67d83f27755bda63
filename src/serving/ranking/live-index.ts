/** An index whose items move and grow in number while it is searched: what is derived of the changed rows alone is computed again. */
import { encodeItems, encodeRow } from "../../math/compute/search/item-codes.ts";
import { shared, withRoom } from "../../math/compute/shared-memory.ts";
import { createGrowingRows, type GrowingRows } from "../../math/growing-rows.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { normScale } from "../../math/row-norms.ts";
import { once } from "../../once.ts";
import { type ItemIndex, KEPT_SCALES, normOf } from "./item-index.ts";
import { createNeighbourTable } from "./neighbour-table.ts";

export interface LiveIndex {
  /** The index over vectors that differ in the rows that are named, or have more of them. */
  follow(vectors: Matrix, changed: readonly number[], listable?: Uint8Array): ItemIndex;
}

/** Begins as `base`, which stays as it is. */
export function createLiveIndex(base: ItemIndex): LiveIndex {
  const { metric, backend } = base;
  const norms = createGrowingRows(base.norms, 1);
  const powers = growingPowers(norms);
  const codes = base.codes && once(() => growingCodes(base.vectors));
  // Its own: lists of moved items are not those of the base.
  const neighbours = base.neighbours && createNeighbourTable(base.neighbours.rows, base.neighbours.depth);
  return {
    follow: (vectors, changed, listable) => {
      neighbours?.move(changed);
      for (const row of changed) {
        const vector = rowOf(vectors, row);
        const norm = normOf(vector);
        norms.open(row)[0] = norm;
        powers.put(row, norm);
        codes?.().put(row, vector);
      }
      return {
        vectors,
        norms: norms.view(),
        metric,
        backend,
        scale: powers.scaleOver(vectors.rows),
        ...(codes && { codes: once(() => codes().view(vectors.rows)) }),
        ...(listable && { listable }),
        ...(neighbours && { neighbours }),
      };
    },
  };
}

/** |h|^-e of items that move, by exponent. */
function growingPowers(norms: GrowingRows<Float64Array>) {
  const powers = new Map<number, GrowingRows<Float32Array>>();
  const powersOf = (exponent: number): GrowingRows<Float32Array> => {
    const known = powers.get(exponent);
    if (known !== undefined) return known;
    const made = shared(Float32Array.from(norms.view(), (norm) => normScale(norm, exponent)));
    if (powers.size >= KEPT_SCALES) powers.clear();
    powers.set(exponent, createGrowingRows(made, 1, true));
    return powersOf(exponent);
  };
  return {
    put: (row: number, norm: number): void => {
      for (const [exponent, scale] of powers) scale.open(row)[0] = normScale(norm, exponent);
    },
    /** One array an exponent, so that searches of the same scale are seen to be so. */
    scaleOver: (rows: number): ItemIndex["scale"] => {
      const views = new Map<number, Float32Array>();
      return (exponent) => {
        const view = views.get(exponent) ?? powersOf(exponent).view(rows);
        if (views.size < KEPT_SCALES) views.set(exponent, view);
        return view;
      };
    },
  };
}

/** Room for one more item in so many, and for so many at least. */
const GROWTH = 8;
const LEAST_ROOM = 256;

/** Item codes of items that move. */
function growingCodes(vectors: Matrix) {
  const { rows, columns } = vectors;
  const { codes, steps, errors } = encodeItems(vectors, Math.max(LEAST_ROOM, Math.floor(rows / GROWTH)));
  const grown = {
    codes: createGrowingRows(withRoom(codes), columns, true, rows),
    steps: createGrowingRows(steps, 1, true),
    errors: createGrowingRows(errors, 1, true),
  };
  return {
    put: (row: number, vector: Float32Array): void => {
      const opened = { codes: grown.codes.open(row), steps: grown.steps.open(row), errors: grown.errors.open(row) };
      encodeRow(opened, { rows: 1, columns, values: vector }, 0);
    },
    view: (rows: number) => ({
      codes: grown.codes.view(rows),
      steps: grown.steps.view(rows),
      errors: grown.errors.view(rows),
    }),
  };
}
