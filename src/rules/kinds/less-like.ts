/**
 * Rule `less-like`: fewer items like those that a user said they do not want, by a file. An item's score falls by w c s, c its largest
 * cosine with one of those (0 where negative) and s the standard deviation of the scores of all candidates. Those items are not listed.
 */
import { z } from "zod";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { standardDeviation } from "../../math/statistics.ts";
import { columnOption, historyFileOption, ruleSchema, userColumnOption } from "../common-options.ts";
import { readHistory } from "../files/user-history.ts";
import type { ListOwner, RuleKind, ScoredRow } from "../rule-kind.ts";

const schema = ruleSchema("less-like", {
  file: historyFileOption,
  userColumn: userColumnOption,
  column: columnOption,
  weight: z.number().min(0).default(2).describe("how far the score of an item falls that is just like such a one"),
});

export const lessLikeRule: RuleKind<typeof schema> = {
  name: "less-like",
  schema,
  purpose: "Fewer items like those that the user turned down, and none of these.",
  givesWay: false,
  forUsers: true,
  prepare: async ({ weight, ...file }, world) => {
    const { of, notes } = await readHistory(file, world);
    const excluded = ({ user }: ListOwner) => of(user).keys();
    const adjust = ({ user }: ListOwner, candidates: readonly ScoredRow[]) => {
      const unwanted = [...of(user).keys()];
      return unwanted.length === 0 ? candidates : lowered(candidates, unwanted, weight, world.directions());
    };
    return { effect: { excluded, adjust }, notes };
  },
};

function lowered(
  candidates: readonly ScoredRow[],
  unwanted: readonly number[],
  weight: number,
  directions: Matrix,
): ScoredRow[] {
  const spread = candidates.length > 1 ? standardDeviation(candidates.map(({ score }) => score)) : 0;
  return candidates.map(({ row, score }) => {
    const likeness = Math.max(0, ...unwanted.map((other) => product(rowOf(directions, row), rowOf(directions, other))));
    return { row, score: score - weight * likeness * spread };
  });
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return sum;
}
