/**
 * A fitted model out of factors from elsewhere. Rows that have none are solved against the other side (equation 2): users against the
 * items that have, then items against all users. A rotation into the eigenbasis of the user Gram, as after training, changes no score.
 */
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { transpose } from "../math/linear-map.ts";
import {
  type Matrix,
  replaceRows,
  type SparseMatrix,
  takeColumns,
  takeRows,
  takeSparseRows,
  toFloat32,
  zeros,
} from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { AlsModel } from "./als.ts";
import { type AlsOptions, alsOptionsSchema } from "./als-options.ts";
import { type BackendContext, solveHalfSweep } from "./half-sweep.ts";
import { requireLearned } from "./learned-check.ts";
import { withUnobservedWeight } from "./unobserved-weight.ts";

/** Factors of one side: zeros in the rows that have none. */
export interface GivenSide {
  /** n x k. */
  readonly factors: Matrix;
  /** n flags. */
  readonly isGiven: Uint8Array;
}

/**
 * The model of interactions (users x items) with these factors; every user is solved where `users` is absent. The options are those
 * that the factors were fitted with. NOT_ENOUGH_DATA where they can score nothing.
 */
export async function alsOfFactors(
  interactions: SparseMatrix,
  { items, users }: { readonly items: GivenSide; readonly users?: GivenSide },
  options: AlsOptions,
  context: BackendContext = {},
): Promise<AlsModel> {
  const parsed = parseOptions(alsOptionsSchema, options, "collaborative");
  const resolved = withUnobservedWeight({ ...parsed, rank: items.factors.columns }, interactions);
  const backend = context.backend ?? defaultBackend();
  const given = { ...context, backend };
  const solve = async (rows: SparseMatrix, side: GivenSide, other: Matrix): Promise<Matrix> => {
    const unknown = rowsWithout(side);
    if (unknown.length === 0) return side.factors;
    const sweep = { rows: takeSparseRows(rows, unknown), factors: sharedMatrix(other) };
    return replaceRows(side.factors, rows.rows, unknown, await solveHalfSweep(sweep, resolved, given));
  };
  const nobody = {
    factors: zeros(interactions.rows, items.factors.columns),
    isGiven: new Uint8Array(interactions.rows),
  };
  const userSide = users ?? nobody;
  const withVectors = Array.from(items.isGiven.keys()).filter((item) => items.isGiven[item] === 1);
  const known = knownColumns(interactions, items.isGiven, withVectors);
  const userFactors = await solve(known, userSide, takeRows(items.factors, withVectors));
  const itemFactors = await solve(await backend.transpose(interactions), items, userFactors);
  const { vectors } = await backend.eigen(await backend.gram(userFactors));
  const rotation = transpose(toFloat32(vectors));
  const turned = await backend.multiplyTransposed(userFactors, rotation);
  const model = {
    userFactors: turned,
    itemFactors: await backend.multiplyTransposed(itemFactors, rotation),
    gram: await backend.gram(turned),
    options: resolved,
  };
  requireLearned(model.userFactors, model.itemFactors, interactions, resolved);
  return model;
}

function rowsWithout({ isGiven }: GivenSide): number[] {
  return Array.from(isGiven.keys()).filter((row) => isGiven[row] === 0);
}

/** The interactions with the items that have factors, as columns 0, 1, ... */
function knownColumns(matrix: SparseMatrix, isGiven: Uint8Array, given: readonly number[]): SparseMatrix {
  return given.length === isGiven.length ? matrix : takeColumns(matrix, Uint32Array.from(given));
}
