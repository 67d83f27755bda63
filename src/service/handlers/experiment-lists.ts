/** Lists under an experiment: by the user's variant, or by both of two variants in one list. */

import type { Recommender } from "../../serving/recommender.ts";
import type { LenientList } from "../../serving/requests/lenient-lists.ts";
import { type Experiment, hashShare, type Variant, variantOf } from "../../traffic/experiment.ts";
import { teamDraft } from "../../traffic/team-draft.ts";
import type { ParsedRequestOf } from "../contract/contract.ts";
import type { Call } from "./handler.ts";

type UserRequest = Omit<ParsedRequestOf<"recommend">, "include"> & { readonly user: string };

export interface ExperimentList {
  readonly list: LenientList;
  /** Absent where two variants share the list. */
  readonly variant?: string;
  readonly teams?: readonly ("a" | "b")[];
}

export async function experimentList(
  recommender: Recommender,
  experiment: Experiment,
  request: UserRequest,
  call: Call,
): Promise<ExperimentList> {
  if (!experiment.interleave) {
    const variant = variantOf(experiment, request.user);
    return { list: await variantList(recommender, variant, request, call), variant: variant.name };
  }
  const [a, b] = await Promise.all(
    experiment.variants.map((variant) => variantList(recommender, variant, request, call)),
  );
  const coin = (round: number) => hashShare(experiment.salt, call.requestId, String(round));
  const { items, teams } = teamDraft(a.list, b.list, request.count, coin);
  return { list: { ...a, list: items }, teams };
}

function variantList(
  recommender: Recommender,
  { model, tail, newPlaces }: Variant,
  request: UserRequest,
  call: Call,
): Promise<LenientList> {
  if (model !== "hybrid") return recommender.recommendBy(model, request);
  const changed = { ...request, ...(tail !== undefined && { tail }), ...(newPlaces !== undefined && { newPlaces }) };
  return recommender.recommendOrPopular(changed, call);
}
