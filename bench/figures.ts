/** Figures of benchmarks: one record each, in a JSON file of bench/results that keeps what a run does not measure anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Figure {
  readonly case: string;
  readonly engine: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** Writes the fresh figures in place of those that `isReplaced` names, and gives all. */
export function replaceFigures<F extends Omit<Figure, "unit">>(
  path: string,
  isReplaced: (figure: F) => boolean,
  fresh: readonly F[],
): readonly F[] {
  const earlier: readonly F[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
  const figures = [...earlier.filter((figure) => !isReplaced(figure)), ...fresh];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(figures, null, 1)}\n`);
  return figures;
}
