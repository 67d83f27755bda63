/** Which kind of regressor, where several may: each is validated on the same held-out items, and what chooses settings chooses it. */
import { mean } from "../math/statistics.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { RegressionTask } from "./regression-task.ts";
import type { PreparedKind, RegressorKind, SettingTrial, Validated } from "./regressor-kind.ts";
import { bestTrial, isClearlyBetter } from "./setting-choice.ts";

/** A setting tried, as reports and bundles keep it. */
export interface RegressorTrial extends Omit<SettingTrial, "figures"> {
  /** The name of the kind. */
  readonly kind: string;
  /** Mean of its figures, e.g. NDCG@10 of held-out items; where they were ranked. */
  readonly figure?: number;
}

/** A kind and how well it does. */
export interface ValidatedKind {
  readonly kind: RegressorKind;
  readonly prepared: PreparedKind;
  readonly validated: Validated;
}

/** Validates every kind at the task. */
export async function validateKinds<O extends Record<string, unknown>>(
  kinds: readonly RegressorKind[],
  task: RegressionTask<O>,
): Promise<readonly ValidatedKind[]> {
  const { context } = task;
  const results: ValidatedKind[] = [];
  for (const kind of kinds) {
    const prepared = kind.prepare(task);
    const result = { kind, prepared, validated: await prepared.validate() };
    results.push(result);
    throwIfInterrupted(context);
    if (kinds.length > 1) reportKind(context, result, results.length, kinds.length);
  }
  return results;
}

/** The first kind, or a later one that is clearly better; where nobody ranks, the one with the least error. */
export function bestKind(results: readonly ValidatedKind[]): ValidatedKind {
  return results.reduce((leader, result) => (isBetter(bestOf(result), bestOf(leader)) ? result : leader));
}

function bestOf({ validated }: ValidatedKind): SettingTrial {
  return validated.chosen ?? bestTrial(validated.trials);
}

function isBetter(a: SettingTrial, b: SettingTrial): boolean {
  const isRanked = a.figures !== undefined && b.figures !== undefined && a.figures.length > 0;
  return isRanked ? isClearlyBetter(a, b) : a.error < b.error;
}

function reportKind(context: RunContext, result: ValidatedKind, done: number, total: number): void {
  const { kind } = result;
  const { error, figures } = bestOf(result);
  const measured = figures === undefined ? "" : `, validation ${mean(figures).toFixed(4)}`;
  const note = `${kind.name}: held-out error ${error.toPrecision(4)}${measured}`;
  context.onProgress?.({ stage: "regressor kinds", done, total, note });
}

/** The kind's trials. */
export function trialsOf({ kind, validated }: Pick<ValidatedKind, "kind" | "validated">): RegressorTrial[] {
  return validated.trials.map(({ figures, ...trial }) => {
    const figure = figures === undefined || figures.length === 0 ? undefined : mean(figures);
    return { kind: kind.name, ...trial, ...(figure !== undefined && { figure }) };
  });
}
