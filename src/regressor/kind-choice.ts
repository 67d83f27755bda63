/** Which kind of regressor, where several may: each is validated, and the best is known by the caller's figure or the held-out error. */
import type { Matrix } from "../math/matrix.ts";
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
  /** With a measure only. */
  readonly figure?: number;
}

export interface KindMeasure {
  /** Of every item. */
  readonly inputs: () => Inputs;
  /** A figure of f(x) of every item (n x k), higher is better. */
  readonly measure: (prior: Matrix) => Promise<number>;
}

/** Validates every kind at the task. By the figure of `measured` where it is given, else by the held-out error. */
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

export function bestKind(results: readonly ValidatedKind[]): ValidatedKind {
  return results.reduce((leader, result) => (isBetter(result, leader) ? result : leader));
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
  return { kind, prepared, validated, error, figure: await measured.measure(prior) };
}

function isBetter(a: ValidatedKind, b: ValidatedKind): boolean {
  if (a.figure !== undefined && b.figure !== undefined) return a.figure > b.figure;
  return a.error < b.error;
}

function reportKind(context: RunContext, { kind, error, figure }: ValidatedKind, done: number, total: number): void {
  const measured = figure === undefined ? "" : `, validation ${figure.toFixed(4)}`;
  const note = `${kind.name}: held-out error ${error.toPrecision(4)}${measured}`;
  context.onProgress?.({ stage: "regressor kinds", done, total, note });
}

/** The kind's trials, its figure at the best of them. */
export function trialsOf({ kind, validated, error, figure }: ValidatedKind): RegressorTrial[] {
  return validated.trials.map((trial) => {
    const named = { kind: kind.name, ...trial };
    return figure !== undefined && trial.error === error ? { ...named, figure } : named;
  });
}
