/** The models of an evaluation, each fitted on the training side of one split, with the options that validation chose for the run. */
import type { FittedContender } from "../../baselines/model-kind.ts";
import { TailrecError } from "../../errors.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import type { HybridSettings } from "../../hybrid/settings/hybrid-settings.ts";
import type { Model, ModelData } from "./model-data.ts";
import type { RunChoice } from "./run-choice.ts";

export interface FittedModels {
  readonly contenders: readonly FittedContender[];
  /** What the hybrid's validation chose; absent where no model asked for it. */
  readonly settings?: HybridSettings;
  /** What the same validation chose for other models, by name. */
  readonly baselines: Readonly<Record<string, unknown>>;
  /** Absent where no model asked for it. */
  readonly hybrid?: HybridModel;
}

export interface KnownModels {
  readonly kinds: readonly Model[];
  readonly choice: Pick<RunChoice, "optionsOf" | "together">;
}

/** Fits the named models, in that order. INVALID_OPTIONS for a name that none of `kinds` has. */
export async function fitModels(
  names: readonly string[],
  data: ModelData,
  { kinds, choice }: KnownModels,
): Promise<FittedModels> {
  const models = names.map((name) => modelNamed(name, kinds));
  // All is chosen before anything is fitted: a search needs the memory.
  const chosen = await choice.together(async () => {
    if (models.some(({ usesSettings }) => usesSettings)) await data.settings();
    const options: unknown[] = [];
    for (const model of models) options.push(await choice.optionsOf(model));
    return options;
  });
  const contenders: FittedContender[] = [];
  const baselines: Record<string, unknown> = {};
  for (const [m, model] of models.entries()) {
    const options = chosen[m];
    if (options !== undefined) baselines[model.name] = options;
    contenders.push(await model.fit(data, options));
  }
  return { contenders, baselines, ...(await data.done()) };
}

function modelNamed(name: string, kinds: readonly Model[]): Model {
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  const known = kinds.map((kind) => kind.name).join(", ");
  throw new TailrecError("INVALID_OPTIONS", `evaluation.models: expected one of ${known}, received "${name}"`);
}
