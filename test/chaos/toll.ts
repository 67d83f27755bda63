/** What faults cost: how many were tried, and every harm that was done, with the words to do it again. */
import type { Style } from "../../src/cli/terminal/style.ts";
import { formatTable } from "../../src/cli/terminal/table.ts";

/** In the order of the table. None is ever right. */
export const harms = ["lost", "half-written", "INTERNAL", "crashes", "over 60 s", "over 2 GB", "leftovers"] as const;
export type Harm = (typeof harms)[number];

export interface Toll {
  readonly name: string;
  tried: number;
  /** Where a fault could be made in several ways: which way this machine allowed. */
  means: string;
  readonly cases: { readonly harm: Harm; readonly words: string }[];
}

export function openToll(name: string): Toll {
  return { name, tried: 0, means: "", cases: [] };
}

export const MOST_SECONDS = 60;
export const MOST_BYTES = 2e9;

export function harmed(toll: Toll, harm: Harm, words: string): void {
  toll.cases.push({ harm, words });
}

/** One line a kind of fault, then the first cases of each kind of harm. */
export function tollLines(tolls: readonly Toll[], style: Style): string[] {
  const countOf = ({ cases }: Toll, harm: Harm) => cases.filter((found) => found.harm === harm).length;
  const rows = tolls.map((toll) => [
    toll.means === "" ? toll.name : `${toll.name} (${toll.means})`,
    `${toll.tried}`,
    ...harms.map((harm) => `${countOf(toll, harm)}`),
  ]);
  const cases = tolls.flatMap(({ name, cases: found }) =>
    found.slice(0, SHOWN).map(({ harm, words }) => `${name}, ${harm}: ${words}`),
  );
  const columns = ["tried", ...harms].map((heading) => ({ heading, align: "right" }) as const);
  return [...formatTable([{ heading: "fault" }, ...columns], rows, style), ...cases];
}

const SHOWN = 10;
