/**
 * Which kind of regressor, where several may: each is validated. The least held-out error wins, over thousands of items, unless
 * another kind is clearly above it by the caller's figure, which knows better what is asked and hears more noise.
 */
import type { Matrix } from "../math/matrix.ts";
import { isClearlyAbove, mean } from "../math/statistics.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { RegressionTask } from "./regression-task.ts";
import type { PreparedKind, RegressorKind, SettingTrial, Validated } from "./regressor-kind.ts";
import type { Inputs } from "./training-set.ts";

export interface RegressorTrial extends SettingTrial {
  /** The name of the kind. */
  readonly kind: string;
  /** The caller's own figure of the kind's best setting, e.g. NDCG of cold items; only where several kinds compete. */
  readonly figure?: number;
}

/** A kind and how well it does. */
export interface ValidatedKind {
  readonly kind: RegressorKind;
  readonly prepared: PreparedKind;
  readonly validated: Validated;
  readonly error: number;
  /** By who is asked; with a measure only. */
  readonly figures?: Float64Array;
}

export interface KindMeasure {
  /** Of every item. */
  readonly inputs: () => Inputs;
  /** Figures of f(x) of every item (n x k), one for everyone who is asked, higher is better. */
  readonly measure: (prior: Matrix) => Promise<Float64Array>;
}

/** Validates every kind at the task, with figures of `measured` where it is given. */
export async function validateKinds<O extends Record<string, unknown>>(
  kinds: readonly RegressorKind[],
  task: RegressionTask<O>,
  measured: KindMeasure | undefined,
): Promise<readonly ValidatedKind[]> {
  const { context } = task;
  const results: ValidatedKind[] = [];
  for (const kind of kinds) {
    const result = await validateKind(kind, task, kinds.length > 1 ? measured : undefined);
    results.push(result);
    throwIfInterrupted(context);
    if (kinds.length > 1) reportKind(context, result, results.length, kinds.length);
  }
  return results;
}

/** The kind with the least error, or one that is clearly above it. */
export function bestKind(results: readonly ValidatedKind[]): ValidatedKind {
  const byError = results.toSorted((a, b) => a.error - b.error);
  return byError.reduce((leader, result) => (isClearlyBetter(result, leader) ? result : leader));
}

async function validateKind<O extends Record<string, unknown>>(
  kind: RegressorKind,
  task: RegressionTask<O>,
  measured: KindMeasure | undefined,
): Promise<ValidatedKind> {
  const prepared = kind.prepare(task);
  const validated = await prepared.validate();
  const error = Math.min(...validated.trials.map((trial) => trial.error));
  if (measured === undefined) return { kind, prepared, validated, error };
  const { x, sparse } = measured.inputs();
  const prior = await kind.apply(await prepared.refit(), x, task.backend, sparse);
  return { kind, prepared, validated, error, figures: await measured.measure(prior) };
}

function isClearlyBetter({ figures: a }: ValidatedKind, { figures: b }: ValidatedKind): boolean {
  return a !== undefined && b !== undefined && isClearlyAbove(a, b);
}

function reportKind(context: RunContext, { kind, error, figures }: ValidatedKind, done: number, total: number): void {
  const measured = figures === undefined ? "" : `, validation ${mean(figures).toFixed(4)}`;
  const note = `${kind.name}: held-out error ${error.toPrecision(4)}${measured}`;
  context.onProgress?.({ stage: "regressor kinds", done, total, note });
}

/** The kind's trials, its figure at the best of them. */
export function trialsOf({ kind, validated, error, figures }: ValidatedKind): RegressorTrial[] {
  const figure = figures && mean(figures);
  return validated.trials.map((trial) => {
    const named = { kind: kind.name, ...trial };
    return figure !== undefined && trial.error === error ? { ...named, figure } : named;
  });
}
