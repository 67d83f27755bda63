/**
 * The user side of the posterior: attributes of users (segment, country, age group) predict where a user's vector lies, and the
 * prediction p_u enters the user solve (equation 2 with the roles changed):
 *   (e_u a0 V'V + sum_i c_ui v_i v_i' + l_u I) w_u = sum_i c_ui v_i + l_u r_u p_u,   r_u = r / (r + n_u).
 * A user without interactions is the prediction, one with many what the interactions say. l_u grows with the user's weight
 * (frequency scaling), so that without r_u the prediction would count as much after 100 interactions as after one.
 */

import type { AlsModel } from "../als/als.ts";
import { type BackendContext, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import type { Attribute } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import type { AttributeSpace } from "../features/blocks/attribute-columns.ts";
import { fitUserSpace, userFeatures } from "../features/user-features.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { Matrix } from "../math/matrix.ts";
import { scaleRows } from "../math/row-norms.ts";
import { fitRegressor, predictPrior, type Regressor } from "../regressor/regressor.ts";
import type { UserSettings } from "./defaults.ts";
import { weighByRecency } from "./recency.ts";
import { type SolvedAgainst, userSide, userSolveOptions } from "./users.ts";

/** What is learnt of the users' attributes. */
export interface UserPrior {
  readonly space: readonly AttributeSpace[];
  /** p: attributes -> served user vector. */
  readonly regressor: Regressor;
}

/**
 * Learns p from the vectors (users x d) and attributes of users with at least one interaction; undefined where the attributes tell
 * nothing. NOT_ENOUGH_DATA below five users.
 */
export async function fitUserPrior(
  attributes: readonly Attribute[],
  userVectors: Matrix,
  interactions: Interactions,
  context: BackendContext = {},
): Promise<UserPrior | undefined> {
  const space = fitUserSpace(attributes);
  if (space.length === 0) return undefined;
  const { rows, indptr } = interactions;
  const support = Uint32Array.from({ length: rows }, (_, u) => indptr[u + 1] - indptr[u]);
  const features = userFeatures(space, attributes);
  return { space, regressor: await fitRegressor({ features, factors: userVectors, support }, {}, context) };
}

export interface UserPosterior {
  /** users x items. */
  readonly interactions: Interactions;
  /** Attributes of the same users. */
  readonly attributes: readonly Attribute[];
  /** The served items. */
  readonly items: SolvedAgainst;
  readonly als: AlsModel;
  readonly prior: UserPrior;
  readonly settings: UserSettings;
}

/** e = n / (n + EXPOSURE): who has met nothing has turned nothing down. The users' own value, not the items' option `exposure`; never tuned. */
const EXPOSURE = 3;

/** r: the number of interactions at which a prediction counts half. Of 3, 10 and no limit the best on the demo shop, for newcomers with 10. */
const PRIOR_SUPPORT = 10;

/** What is expected of one user with so many interactions: prior (1 x d) and exposure of their row solve. */
export async function predictedUser(
  { regressor, space }: UserPrior,
  attributes: readonly Attribute[],
  support: number,
  backend: ComputeBackend,
): Promise<{ readonly prior: Matrix; readonly exposure: Float64Array }> {
  const predicted = await predictPrior(regressor, userFeatures(space, attributes), backend);
  const share = Float64Array.of(PRIOR_SUPPORT / (PRIOR_SUPPORT + support));
  return { prior: scaleRows(predicted, share), exposure: Float64Array.of(support / (support + EXPOSURE)) };
}

/** User vectors with the prediction as their prior: users x d. A user without interactions is the prediction itself. */
export async function solveUsers(
  { interactions, attributes, items, als, prior, settings }: UserPosterior,
  context: BackendContext = {},
): Promise<Matrix> {
  const backend = context.backend ?? defaultBackend();
  const options = userSolveOptions(als.options, settings);
  const rows = scaleConfidence(weighByRecency(interactions, settings.recencyDecay), options.confidenceScale);
  const support = Float64Array.from({ length: rows.rows }, (_, u) => rows.indptr[u + 1] - rows.indptr[u]);
  const predicted = await predictPrior(prior.regressor, userFeatures(prior.space, attributes), backend);
  return backend.solveRows(
    {
      ...(await userSide(items, settings, { backend })),
      rows,
      unobservedWeight: options.unobservedWeight,
      rowPrecision: rowRegularization(rows, options),
      prior: scaleRows(
        predicted,
        support.map((n) => PRIOR_SUPPORT / (PRIOR_SUPPORT + n)),
      ),
      exposure: support.map((n) => n / (n + EXPOSURE)),
    },
    context,
  );
}
