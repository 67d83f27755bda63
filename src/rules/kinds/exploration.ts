/**
 * Rule `exploration`: Thompson sampling (Thompson 1933; Chapelle and Li 2011). A candidate's score is drawn from what the posterior
 * believes of it, so that items of which little is known get their chance and those that are known keep their place. Candidates are
 * the best by score plus two standard deviations. A draw follows from seed, day, user and item alone.
 */
import { z } from "zod";
import { normScale } from "../../math/row-norms.ts";
import { ruleSchema } from "../common-options.ts";
import { hashOf, standardNormal } from "../draws.ts";
import type { ListOwner, RuleKind, RuleWorld, ScoredRow } from "../rule-kind.ts";

const schema = ruleSchema("exploration", {
  strength: z.number().min(0).default(1).describe("how far draws differ from the score, in standard deviations"),
  seed: z.int().default(1).describe("seed of the draws"),
  day: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "expected a day such as 2026-01-31")
    .nullable()
    .default(null)
    .describe("day of the draws, as 2026-01-31; null: today, by UTC"),
});

/** Standard deviations above the score by which candidates are chosen. */
const REACH = 2;

export const explorationRule: RuleKind<typeof schema> = {
  name: "exploration",
  schema,
  purpose: "Scores drawn from the posterior: uncertain items get their chance, another one for each user and day.",
  givesWay: false,
  forUsers: true,
  about: ({ strength }) => String(strength),
  prepare: ({ strength, seed, day }, world) => {
    const date = day ?? new Date().toISOString().slice(0, 10);
    const adjust = (owner: ListOwner, candidates: readonly ScoredRow[]) =>
      drawn(candidates, owner, hashOf(`${seed} ${date} ${ownerName(owner, world)}`), strength, world);
    return { effect: { reach: REACH * strength, adjust } };
  },
};

function drawn(
  candidates: readonly ScoredRow[],
  { query, normExponent }: ListOwner,
  hash: number,
  strength: number,
  { spread, norms }: RuleWorld,
): ScoredRow[] {
  const { uncertainty, ofQuery } = spread();
  const spreadOfQuery = strength * ofQuery(query);
  return candidates.map(({ row, score }) => {
    const scale = normExponent > 0 ? normScale(norms()[row], normExponent) : 1;
    return { row, score: score + spreadOfQuery * uncertainty[row] * standardNormal(hash, row) * scale };
  });
}

/** A person's id; without one, what they took. */
function ownerName({ user, history }: ListOwner, { catalog }: RuleWorld): string {
  return user ?? Array.from(history, (row) => catalog.ids[row]).join(" ");
}
