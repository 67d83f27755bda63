/**
 * Users against the served item vectors, equation 2 once more. They are solved against v / |v|^t: a popular item, whose vector
 * is long, says less of a taste. Recent interactions may count more (recency.ts).
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
  { userNormExponent, recencyDecay }: UserSettings = UNTUNED,
  context: BackendContext = {},
): Promise<Matrix> {
  const rows = weighByRecency(interactions, recencyDecay);
  return foldInUsers(rows, scaleNorms(vectors, userNormExponent), als.options, context);
}
