/**
 * Users against the served item vectors, equation 2 once more. They are solved against v / |v|^t: a popular item, whose vector
 * is long, says less of a taste. Recent interactions may count more (recency.ts). The solve has a regularisation and a weight of
 * unobserved pairs of its own: ALS's were right for its own factors.
 */
import { type AlsModel, foldInUsers } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Matrix } from "../math/matrix.ts";
import { UNTUNED, type UserSettings } from "./defaults.ts";
import { scaleNorms } from "./norms.ts";
import { weighByRecency } from "./recency.ts";

/** User vectors, users x (k + channel), from interactions (users x items) and item vectors; untuned where no settings are given. */
export function embedUsers(
  interactions: Interactions,
  vectors: Matrix,
  als: Pick<AlsModel, "options">,
  settings: UserSettings = UNTUNED,
  context: BackendContext = {},
): Promise<Matrix> {
  const rows = weighByRecency(interactions, settings.recencyDecay);
  return foldInUsers(
    rows,
    scaleNorms(vectors, settings.userNormExponent),
    userSolveOptions(als.options, settings),
    context,
  );
}

/** The options of ALS with the regularisation and the weight of unobserved pairs that the solve of users has of its own. */
export function userSolveOptions<O extends Pick<AlsModel["options"], "regularization" | "unobservedWeight">>(
  options: O,
  { userRegularization, userUnobservedWeight }: UserSettings,
): O {
  return {
    ...options,
    regularization: userRegularization * options.regularization,
    unobservedWeight: userUnobservedWeight * options.unobservedWeight,
  };
}
