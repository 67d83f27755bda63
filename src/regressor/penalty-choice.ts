/** The choice of a ridge penalty, linear or kernel: every candidate is fitted on the kept items and measured on those held out. */
import type { Kernel } from "../math/kernel.ts";
import type { Matrix } from "../math/matrix.ts";
import { throwIfInterrupted } from "../run-context.ts";
import type { FittedKind, Lesson, RegressionTask } from "./regression-task.ts";
import type { RegressorMap } from "./regressor-map.ts";
import { squaredError } from "./residuals.ts";

/** Fits one map a penalty on the kept items; the one with the least held-out error is the best. */
export async function tryPenalties<M extends RegressorMap>(
  task: RegressionTask,
  solve: (lesson: Lesson, penalties: readonly number[]) => Promise<readonly M[]>,
  apply: (map: M, z: Matrix, kernel: Kernel) => Promise<Matrix>,
  penalties: readonly number[] = penaltiesOf(task),
): Promise<FittedKind<M>> {
  const { kept, heldOut, metric, kernel, context } = task;
  const maps = await solve(kept, penalties);
  throwIfInterrupted(context);
  const predictions = await Promise.all(maps.map((map) => apply(map, heldOut.x, kernel)));
  const errors = predictions.map((prediction) => squaredError(prediction, heldOut.y, metric));
  const best = errors.indexOf(Math.min(...errors));
  return {
    trials: errors.map((error, p) => ({ kind: maps[p].kind, setting: { regularization: penalties[p] }, error })),
    validated: maps[best],
    finish: async () => (await solve(task.all, [penalties[best]]))[0],
  };
}

function penaltiesOf({ options }: RegressionTask): readonly number[] {
  return options.regularization === "auto" ? options.candidates : [options.regularization];
}
