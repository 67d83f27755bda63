/** Lists under an experiment: by the user's variant, or by both of two variants in one list. */
import type { ListMaker } from "../../serving/recommender.ts";
import type { LenientList } from "../../serving/requests/lenient-lists.ts";
import { type Experiment, hashShare, type Variant, variantOf } from "../../traffic/experiment.ts";
import { teamDraft } from "../../traffic/team-draft.ts";
import type { ParsedRequestOf } from "../contract/contract.ts";
import type { Call } from "./handler.ts";

type UserRequest = Omit<ParsedRequestOf<"recommend">, "include"> & { readonly user: string };

/** What makes the lists of a variant, with the name of its bundle. */
export interface NamedMaker {
  readonly name: string;
  readonly recommender: ListMaker;
}

/** The makers of one experiment: that of the served bundle, and those of the bundles that variants name. */
export type MakerOf = (variant: Variant) => NamedMaker;

export interface ExperimentList {
  readonly list: LenientList;
  /** Name of the bundle; of both where two share the list. */
  readonly bundle: string;
  /** Absent where two variants share the list. */
  readonly variant?: string;
  readonly teams?: readonly ("a" | "b")[];
}

export async function experimentList(
  makerOf: MakerOf,
  experiment: Experiment,
  request: UserRequest,
  call: Call,
): Promise<ExperimentList> {
  if (!experiment.interleave) {
    const variant = variantOf(experiment, request.user);
    const { name, recommender } = makerOf(variant);
    return { list: await variantList(recommender, variant, request, call), bundle: name, variant: variant.name };
  }
  const [a, b] = await Promise.all(
    experiment.variants.map((variant) => variantList(makerOf(variant).recommender, variant, request, call)),
  );
  const coin = (round: number) => hashShare(experiment.salt, call.requestId, String(round));
  const { items, teams } = teamDraft(a.list, b.list, request.count, coin);
  const bundle = [...new Set(experiment.variants.map((variant) => makerOf(variant).name))].join(" and ");
  return { list: { ...a, list: items }, bundle, teams };
}

function variantList(
  recommender: ListMaker,
  { model, tail, newPlaces, rules }: Variant,
  request: UserRequest,
  call: Call,
): Promise<LenientList> {
  if (model !== "hybrid") return recommender.recommendBy(model, request);
  const changed = {
    ...request,
    ...(tail !== undefined && { tail }),
    ...(newPlaces !== undefined && { newPlaces }),
    ...(rules && { rules }),
  };
  return recommender.recommendOrPopular(changed, call);
}
