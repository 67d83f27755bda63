/** Wall time by stage. */
import type { RunClock } from "./run-clock.ts";

export interface Stages {
  readonly seconds: Record<string, number>;
  /** Adds to the stage; what belongs to a stage inside it counts there alone. */
  time<T>(stage: string, work: () => Promise<T>): Promise<T>;
}

/** For stages that run one after the other, or inside each other; `clock` hears of them. */
export function createStages(clock?: Pick<RunClock, "begin" | "end">): Stages {
  const seconds: Record<string, number> = {};
  let inner = 0;
  const time = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const [start, outer] = [performance.now(), inner];
    inner = 0;
    clock?.begin(stage);
    const result = await work();
    clock?.end();
    const elapsed = (performance.now() - start) / 1000;
    seconds[stage] = (seconds[stage] ?? 0) + elapsed - inner;
    inner = outer + elapsed;
    return result;
  };
  return { seconds, time };
}
