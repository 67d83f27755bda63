/** The rules of a request: those that the bundle keeps or those that it names, its filter, and its places for new items. */
import { parseOptions } from "../../options.ts";
import { prepareRules, type ReadyRule } from "../../rules/prepared-rules.ts";
import { type Rule, type RuleInput, rulesSchema } from "../../rules/rule-kinds.ts";
import type { BundleSession } from "../bundle-session.ts";

export interface RuledRequest {
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly rules?: readonly Rule[];
  readonly strict: boolean;
  readonly newPlaces?: number;
}

/** Prepared for one kind of lists. INVALID_OPTIONS where they contradict one another; else as `prepareRules` throws. */
export async function rulesFor(
  session: BundleSession,
  { filter, rules, strict, newPlaces = 0 }: RuledRequest,
  lists: "similar" | "recommend",
): Promise<readonly ReadyRule[]> {
  if (filter === undefined && rules === undefined && newPlaces === 0) return session.ownRules(lists, strict);
  const asked: RuleInput[] = [
    ...(filter === undefined ? [] : [{ kind: "filter" as const, where: filter }]),
    ...(newPlaces === 0 ? [] : [{ kind: "new-places" as const, share: newPlaces }]),
  ];
  const kept = (rules ?? session.bundle.manifest.rules ?? []).filter(
    ({ kind }) => newPlaces === 0 || kind !== "new-places",
  );
  const all = parseOptions(rulesSchema, [...kept, ...asked], "rules");
  return prepareRules(all, session.ruleWorld(), { lists, strict });
}
