/** The choice of a ridge penalty, linear or kernel: every candidate is fitted on the kept items and measured on those held out. */
import type { Matrix } from "../math/matrix.ts";
import { throwIfInterrupted } from "../run-context.ts";
import type { FittedKind, RegressionTask } from "./regression-task.ts";
import type { RegressorMap } from "./regressor-map.ts";
import { squaredError } from "./residuals.ts";

export interface PenaltyMethod<M extends RegressorMap> {
  /** One map a penalty, taught by that part of the items. */
  fit(part: "kept" | "all", penalties: readonly number[]): Promise<readonly M[]>;
  /** What maps taught by the kept items say of those held out. */
  predictHeldOut(maps: readonly M[]): Promise<readonly Matrix[]>;
}

/** Fits one map a penalty on the kept items; the one with the least held-out error is the best. */
export async function tryPenalties<M extends RegressorMap>(
  task: RegressionTask,
  method: PenaltyMethod<M>,
  penalties: readonly number[] = penaltiesOf(task),
): Promise<FittedKind<M>> {
  const { heldOut, metric, context } = task;
  const maps = await method.fit("kept", penalties);
  throwIfInterrupted(context);
  const predictions = await method.predictHeldOut(maps);
  const errors = predictions.map((prediction) => squaredError(prediction, heldOut.y, metric));
  const best = errors.indexOf(Math.min(...errors));
  return {
    trials: errors.map((error, p) => ({ kind: maps[p].kind, setting: { regularization: penalties[p] }, error })),
    validated: maps[best],
    finish: async () => (await method.fit("all", [penalties[best]]))[0],
  };
}

function penaltiesOf({ options }: RegressionTask): readonly number[] {
  return options.regularization === "auto" ? options.candidates : [options.regularization];
}
