/**
 * Users against the served item vectors, equation 2 once more. They are solved against v / |v|^t: a popular item, whose vector
 * is long, says less of a taste. Recent interactions may count more (recency.ts). The solve has a regularisation and a weight of
 * unobserved pairs of its own: ALS's were right for its own factors. An item that few have met was not turned down by the others. So
 * its row weighs less in the Gram that all users share (negatives by popularity: He et al. 2016),
 *   sum_i e_i a0 (w_u.v_i)^2,   e_i = n_i / (n_i + x mean n).
 */
import type { AlsModel } from "../als/als.ts";
import { type BackendContext, solveHalfSweep } from "../als/half-sweep.ts";
import type { Interactions } from "../data/interactions.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { DiagonalBasis } from "../math/compute/diagonal-basis.ts";
import type { Matrix } from "../math/matrix.ts";
import type { MatrixRoom } from "../math/matrix-room.ts";
import { mean } from "../math/statistics.ts";
import { UNTUNED, type UserSettings } from "./defaults.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { sharedScaledNorms } from "./norms.ts";
import { weighByRecency } from "./recency.ts";

/** What users are solved against: vectors n x d, and the support of every item. */
export type SolvedAgainst = Pick<ItemEmbeddings, "vectors" | "support">;

/** User vectors, users x (k + channel), from interactions (users x items) and the served items; untuned where no settings are given. */
export async function embedUsers(
  interactions: Interactions,
  items: SolvedAgainst,
  als: Pick<AlsModel, "options">,
  settings: UserSettings = UNTUNED,
  context: BackendContext = {},
): Promise<Matrix> {
  return solveAgainst(await userSide(items, settings, context), interactions, als, settings, context);
}

/** Users against a prepared side of items. */
export function solveAgainst(
  side: UserSide,
  interactions: Interactions,
  als: Pick<AlsModel, "options">,
  settings: UserSettings,
  context: BackendContext,
): Promise<Matrix> {
  const sweep = { rows: weighByRecency(interactions, settings.recencyDecay), ...side };
  return solveHalfSweep(sweep, userSolveOptions(als.options, settings), context);
}

/** What users are solved with. */
export interface UserSide {
  /** The vectors with their lengths divided out: n x d. */
  readonly factors: Matrix;
  /** Their Gram, d x d, every item by its exposure. */
  readonly gram: Matrix<Float64Array>;
  /** Of the Gram, where several solves share it. */
  readonly basis?: DiagonalBasis;
  /** Takes the users in place of a new matrix: users x d. */
  readonly into?: Matrix;
}

/** The side of the items at given settings; its factors in memory of `roomFor` where that is given. */
export async function userSide(
  { vectors, support }: SolvedAgainst,
  settings: Pick<UserSettings, "userNormExponent" | "userExposure">,
  { backend = defaultBackend() }: { readonly backend?: ComputeBackend } = {},
  roomFor?: MatrixRoom,
): Promise<UserSide> {
  const factors = sharedScaledNorms(vectors, settings.userNormExponent, roomFor);
  return { factors, gram: await backend.gram(factors, exposureToUsers(support, settings)) };
}

/** e: n values; undefined where all items count alike. */
function exposureToUsers(
  support: Uint32Array,
  { userExposure }: Pick<UserSettings, "userExposure">,
): Float64Array | undefined {
  if (userExposure === 0) return undefined;
  const half = userExposure * mean(support);
  return Float64Array.from(support, (n) => (n === 0 ? 0 : n / (n + half)));
}

/** The options of ALS with the regularisation and the weight of unobserved pairs that the solve of users has of its own. */
export function userSolveOptions<O extends Pick<AlsModel["options"], "regularization" | "unobservedWeight">>(
  options: O,
  { userRegularization, userUnobservedWeight }: Pick<UserSettings, "userRegularization" | "userUnobservedWeight">,
): O {
  return {
    ...options,
    regularization: userRegularization * options.regularization,
    unobservedWeight: userUnobservedWeight * options.unobservedWeight,
  };
}
