/** Why two items are near: the facts about the pair, and the same in plain words. */
import { explanationLines } from "./explain-lines.ts";
import { type Evidence, type PairFacts, pairFacts } from "./pair-facts.ts";

export interface Explanation extends PairFacts {
  /** The facts in plain words, one a line. */
  readonly lines: readonly string[];
  readonly sentence: string;
}

/** Explains the likeness of the items in rows `a` and `b`. Throws INVALID_ARGUMENT for a row that is not there. */
export function explainPair(a: number, b: number, evidence: Evidence): Explanation {
  const facts = pairFacts(a, b, evidence);
  const lines = explanationLines(facts, evidence.kinds);
  return { ...facts, lines, sentence: `${lines.join("; ")}.` };
}
