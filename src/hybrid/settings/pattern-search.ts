/**
 * Pattern search (Hooke and Jeeves 1961) over a grid of settings: from a start, one coordinate after the other takes steps up, then
 * down, while the objective rises; passes repeat until none moves. Two starts, one fair to the tail and one for the head, since
 * the objective may have a hill at each. Deterministic; a point is measured once.
 */

/** The values to try of every coordinate, ascending; one alone is taken as it is. */
export type Grid<P> = { readonly [name in keyof P]: readonly number[] };

export interface SearchedPoint<P, F> {
  readonly point: P;
  readonly figures: F;
}

export interface SearchOptions<P> {
  readonly starts: readonly P[];
  /** In the order in which coordinates move. */
  readonly order: readonly (keyof P & string)[];
  /** Points measured at most. */
  readonly trials: number;
}

const PASSES = 3;

/** Every point that was measured, in order. */
export async function searchGrid<P extends Readonly<Record<keyof P, number>>, F extends { readonly objective: number }>(
  grid: Grid<P>,
  { starts, order, trials }: SearchOptions<P>,
  measure: (point: P) => Promise<F>,
): Promise<SearchedPoint<P, F>[]> {
  const measured = new Map<string, SearchedPoint<P, F>>();
  const at = async (point: P): Promise<SearchedPoint<P, F>> => {
    const key = order.map((name) => point[name]).join(" ");
    const known = measured.get(key);
    if (known !== undefined) return known;
    const result = { point, figures: await measure(point) };
    measured.set(key, result);
    return result;
  };
  for (const start of starts) {
    let best = await at(onGrid(grid, start));
    for (let pass = 0; pass < PASSES; pass++) {
      const before = best;
      for (const name of order) {
        for (const step of [1, -1]) {
          for (;;) {
            const value = grid[name][grid[name].indexOf(best.point[name]) + step];
            if (value === undefined || measured.size >= trials) break;
            const next = await at({ ...best.point, [name]: value });
            if (next.figures.objective <= best.figures.objective) break;
            best = next;
          }
        }
      }
      if (best === before) break;
    }
  }
  return [...measured.values()];
}

/** The point of the grid that is nearest in every coordinate. */
function onGrid<P extends Readonly<Record<keyof P, number>>>(grid: Grid<P>, start: P): P {
  const names = Object.keys(grid) as (keyof P)[];
  return { ...start, ...Object.fromEntries(names.map((name) => [name, nearestOf(grid[name], start[name])])) };
}

/** The value that is nearest; the first of equals. */
export function nearestOf(values: readonly number[], to: number): number {
  return values.reduce((a, b) => (Math.abs(b - to) < Math.abs(a - to) ? b : a));
}
