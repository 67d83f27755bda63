/** Wall time by stage. */
export interface Stages {
  readonly seconds: Record<string, number>;
  time<T>(stage: string, work: () => Promise<T>): Promise<T>;
}

export function createStages(): Stages {
  const seconds: Record<string, number> = {};
  const time = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    seconds[stage] = (performance.now() - start) / 1000;
    return result;
  };
  return { seconds, time };
}
