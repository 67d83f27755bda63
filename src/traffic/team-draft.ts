/**
 * Two rankings in one list by team draft (Radlinski 2008): a coin says who picks first in every round of two, each picks its best item
 * that is not there yet. The team whose items are clicked more often wins the list; without a difference wins are even.
 */
export interface DraftedList<T> {
  readonly items: readonly T[];
  /** Whose pick each item is. */
  readonly teams: readonly ("a" | "b")[];
}

/** At most `count` items. `coin` gives numbers in [0, 1), one a round. */
export function teamDraft<T extends { readonly id: string }>(
  a: readonly T[],
  b: readonly T[],
  count: number,
  coin: (round: number) => number,
): DraftedList<T> {
  const items: T[] = [];
  const teams: ("a" | "b")[] = [];
  const there = new Set<string>();
  const pick = (team: "a" | "b"): void => {
    const next = (team === "a" ? a : b).find(({ id }) => !there.has(id));
    if (next === undefined || items.length === count) return;
    there.add(next.id);
    items.push(next);
    teams.push(team);
  };
  for (let round = 0; items.length < count; round++) {
    const before = items.length;
    const order = coin(round) < 0.5 ? (["a", "b"] as const) : (["b", "a"] as const);
    for (const team of order) pick(team);
    if (items.length === before) break;
  }
  return { items, teams };
}
