/**
 * What chooses among settings, and among kinds: held-out items treated as cold. The least squared error leads, unless another
 * ranks these items clearly better for those who took them. An error counts every item alike and every direction of a vector;
 * people ask for the few items at the top (decisions 260, 261).
 */
import type { Matrix } from "../math/matrix.ts";
import { isClearlyAbove } from "../math/statistics.ts";
import { once } from "../once.ts";
import { throwIfInterrupted } from "../run-context.ts";
import type { RegressionTask } from "./regression-task.ts";
import type { SettingTrial, Validated } from "./regressor-kind.ts";
import { squaredError } from "./residuals.ts";

/** A setting, the map fitted to the kept items with it, and what the map says of those held out: m x k. */
export interface SettingCandidate<M extends object> {
  readonly setting: SettingTrial["setting"];
  readonly map: M;
  readonly predict: () => Matrix | Promise<Matrix>;
}

/** Judges every candidate by the held-out items of the task: what `validate` of a kind returns. The map is that of the best. */
export async function chooseSetting<M extends object>(
  task: RegressionTask,
  candidates: readonly SettingCandidate<M>[],
): Promise<Validated<M>> {
  const judge = judgeOf(task);
  const trials: SettingTrial[] = [];
  for (const { setting, predict } of candidates) {
    throwIfInterrupted(task.context);
    trials.push(await judge(setting, await predict()));
  }
  const chosen = bestTrial(trials);
  return { trials, chosen, map: candidates[trials.indexOf(chosen)].map };
}

/** The trial of a setting by its predictions (m x k) of the held-out items. */
export function judgeOf({
  heldOut,
  metric,
  items,
  places,
  options,
  context,
}: RegressionTask): (setting: SettingTrial["setting"], prediction: Matrix) => Promise<SettingTrial> {
  const { rankHeldOut } = context;
  // Prepared when the first prediction is there: nobody would hear it fail before.
  const ranking = once(async () =>
    rankHeldOut?.(
      Uint32Array.from(places.heldOut, (place) => items[place]),
      options.seed,
    ),
  );
  return async (setting, prediction) => {
    const error = squaredError(prediction, heldOut.y, metric);
    const rank = await ranking();
    return rank === undefined ? { setting, error } : { setting, error, figures: await rank(prediction) };
  };
}

/** The trial with the least error, or one whose figures are clearly above it. */
export function bestTrial<T extends SettingTrial>(trials: readonly T[]): T {
  const byError = trials.toSorted((a, b) => a.error - b.error);
  return byError.reduce((leader, trial) => (isClearlyBetter(trial, leader) ? trial : leader));
}

/** Whether the first ranks held-out items clearly better than the second: a one-sided paired test at 5 %. */
export function isClearlyBetter({ figures: a }: SettingTrial, { figures: b }: SettingTrial): boolean {
  return a !== undefined && b !== undefined && isClearlyAbove(a, b);
}
