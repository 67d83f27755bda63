/**
 * The models that can take part in an evaluation, by name. A model is one module and one line of this list; a baseline is its
 * module in `baselines/` and a line here.
 */
import { biasedMfKind } from "../../baselines/biased-mf.ts";
import { bprKind } from "../../baselines/bpr.ts";
import { contentKnnKind } from "../../baselines/content-knn.ts";
import { contentRidgeKind } from "../../baselines/content-ridge.ts";
import { daeKind } from "../../baselines/dae.ts";
import { easeKind } from "../../baselines/ease.ts";
import { itemKnnKind } from "../../baselines/item-knn.ts";
import { item2vecKind } from "../../baselines/item2vec.ts";
import { lightgcnKind } from "../../baselines/lightgcn.ts";
import { neumfKind } from "../../baselines/neumf.ts";
import { popularityKind } from "../../baselines/popularity.ts";
import { randomKind } from "../../baselines/random-order.ts";
import { slimKind } from "../../baselines/slim.ts";
import { svdKind } from "../../baselines/svd.ts";
import { twoTowerKind } from "../../baselines/two-tower.ts";
import { userKnnKind } from "../../baselines/user-knn.ts";
import { vaeKind } from "../../baselines/vae.ts";
import { withKinds } from "../../kinds.ts";
import { als, alsCalibrated } from "./als.ts";
import { dropoutnet } from "./dropoutnet.ts";
import { featureIals } from "./feature-ials.ts";
import { hybrid, placebo } from "./hybrid.ts";
import type { Model } from "./model-data.ts";
import { popularInCluster } from "./popular-in-cluster.ts";
import { regressionMse } from "./regression-mse.ts";

export const modelKinds: readonly Model[] = [
  randomKind,
  popularityKind,
  popularInCluster,
  itemKnnKind,
  userKnnKind,
  easeKind,
  slimKind,
  svdKind,
  item2vecKind,
  lightgcnKind,
  neumfKind,
  daeKind,
  vaeKind,
  bprKind,
  biasedMfKind,
  als,
  alsCalibrated,
  featureIals,
  dropoutnet,
  twoTowerKind,
  contentKnnKind,
  contentRidgeKind,
  regressionMse,
  hybrid,
  placebo,
];

/** Models from outside this package. */
export interface ModelExtensions {
  /** Models beside the built-in ones. */
  readonly modelKinds?: readonly Model[];
}

/** The built-in models and the caller's own. INVALID_OPTIONS for a name that is taken. */
export function modelsWith({ modelKinds: own = [] }: ModelExtensions): readonly Model[] {
  return withKinds(modelKinds, own, "modelKinds");
}
