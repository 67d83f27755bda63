/** The list of the regressor kinds; everything else asks it. A caller's own kinds stand beside these for the length of a call. */
import { TailrecError } from "../errors.ts";
import { withKinds } from "../kinds.ts";
import { kernelRidge } from "./kinds/kernel-ridge/kernel-ridge.ts";
import { knn } from "./kinds/knn/knn.ts";
import { mlp } from "./kinds/mlp/mlp.ts";
import { ridge } from "./kinds/ridge/ridge.ts";
import type { FitContext } from "./regression-task.ts";
import type { RegressorKind } from "./regressor-kind.ts";

export const regressorKinds = [ridge, kernelRidge, knn, mlp] as const;

/** A kind's name; the type knows the built-in ones. */
export type RegressorName = (typeof regressorKinds)[number]["name"] | (string & {});

/** Where a caller adds kinds of its own. */
export interface RegressorExtensions extends Pick<FitContext, "tfjs"> {
  /** Kinds beside the built-in ones. */
  readonly regressorKinds?: readonly RegressorKind[];
}

/** The built-in kinds and the caller's. INVALID_OPTIONS when two have one name. */
export function regressorKindsWith({ regressorKinds: own = [] }: RegressorExtensions): readonly RegressorKind[] {
  const kinds = withKinds<RegressorKind>(regressorKinds, own, "regressorKinds");
  if (kinds.every(({ name }) => name !== "auto")) return kinds;
  throw new TailrecError("INVALID_OPTIONS", 'regressorKinds: the name "auto" is taken; give your kind another one');
}

/** The kind of that name. INVALID_OPTIONS when there is none. */
export function regressorKindNamed(kinds: readonly RegressorKind[], name: string): RegressorKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  const names = kinds.map((kind) => kind.name).join(", ");
  throw new TailrecError("INVALID_OPTIONS", `regressor: no kind "${name}"; known kinds: ${names}`);
}

/** The kinds that a fit by these options may give: several where it chooses. */
export function candidateKinds(
  { kind, kinds }: { readonly kind: RegressorName; readonly kinds: readonly RegressorName[] },
  extensions: RegressorExtensions,
): readonly RegressorKind[] {
  const known = regressorKindsWith(extensions);
  const names = kind === "auto" ? kinds : [kind];
  return names.map((name) => regressorKindNamed(known, name));
}
