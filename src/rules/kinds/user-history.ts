/** Rules `seen` and `frequency`: what a user was shown or bought elsewhere, by a file; not listed at all, or not more often than so. */
import { z } from "zod";
import { columnOption, historyFileOption, ruleSchema, userColumnOption } from "../common-options.ts";
import { type HistoryFile, readHistory } from "../files/user-history.ts";
import type { RuleKind, RulePreparation, RuleWorld } from "../rule-kind.ts";

const history = { file: historyFileOption, userColumn: userColumnOption, column: columnOption };

const seenSchema = ruleSchema("seen", history);

export const seenRule: RuleKind<typeof seenSchema> = {
  name: "seen",
  schema: seenSchema,
  purpose: "No item that the file says the user has seen. What they took in the data is never listed anyway.",
  givesWay: false,
  forUsers: true,
  prepare: (options, world) => namedOften(options, 1, world),
};

const frequencySchema = ruleSchema("frequency", {
  ...history,
  maximum: z.int().positive().default(3).describe("shown so often, an item is not listed again"),
});

export const frequencyRule: RuleKind<typeof frequencySchema> = {
  name: "frequency",
  schema: frequencySchema,
  purpose: "No item that was shown to the user so often already: the file has a row for each time.",
  givesWay: false,
  forUsers: true,
  prepare: ({ maximum, ...options }, world) => namedOften(options, maximum, world),
};

/** Excludes what the file names for a user so many times. */
async function namedOften(options: HistoryFile, times: number, world: RuleWorld): Promise<RulePreparation> {
  const { of, notes } = await readHistory(options, world);
  const excluded = ({ user }: { readonly user?: string }) =>
    [...of(user)].flatMap(([row, count]) => (count >= times ? [row] : []));
  return { effect: { excluded }, notes };
}
