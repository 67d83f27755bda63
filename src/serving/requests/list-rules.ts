/** The rules of a request: those that the bundle keeps or those that it names, its filter, and its places for new items. */
import { parseOptions } from "../../options.ts";
import { prepareRules, type ReadyRule, requireSomeItems } from "../../rules/prepared-rules.ts";
import { type Rule, type RuleInput, rulesSchema } from "../../rules/rule-kinds.ts";
import type { BundleSession } from "../bundle-session.ts";

export interface RuledRequest {
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly rules?: readonly Rule[];
  readonly strict: boolean;
  readonly newPlaces?: number;
  readonly exclude?: readonly string[];
  readonly diversity?: number;
  readonly explore?: number;
}

/**
 * Prepared for one kind of lists. INVALID_OPTIONS where they contradict one another, NOT_ENOUGH_DATA where they leave no item, whatever is
 * asked; else as `prepareRules` throws.
 */
export async function rulesFor(
  session: BundleSession,
  request: RuledRequest,
  lists: "similar" | "recommend",
): Promise<readonly ReadyRule[]> {
  const { rules, strict, exclude = [] } = request;
  const asked = askedRules(request);
  if (rules === undefined && asked.length === 0) {
    return withExcluded(session, exclude, await session.ownRules(lists, strict));
  }
  // A filter holds beside others; of what arranges a list, the request's own stands for the bundle's.
  const isAsked = (kind: string) => kind !== "filter" && asked.some((rule) => rule.kind === kind);
  const kept = (rules ?? session.bundle.manifest.rules ?? []).filter(({ kind }) => !isAsked(kind));
  const all = parseOptions(rulesSchema, [...kept, ...asked], "rules");
  const ready = await prepareRules(all, session.ruleWorld(), { lists, strict });
  const standing = new Set(all.slice(0, kept.length));
  // A request's own filter may leave nothing: its list then says so.
  const held = ready.filter(({ rule }) => rule !== undefined && standing.has(rule));
  requireSomeItems(held, session.bundle.catalog.ids.length);
  return withExcluded(session, exclude, ready);
}

function askedRules({ filter, newPlaces = 0, diversity, explore }: RuledRequest): RuleInput[] {
  return [
    ...(filter === undefined ? [] : [{ kind: "filter" as const, where: filter }]),
    ...(newPlaces === 0 ? [] : [{ kind: "new-places" as const, share: newPlaces }]),
    ...(diversity === undefined ? [] : [{ kind: "diversity" as const, weight: diversity }]),
    ...(explore === undefined ? [] : [{ kind: "exploration" as const, strength: explore }]),
  ];
}

/** What a request leaves out never gives way. */
function withExcluded(
  session: BundleSession,
  exclude: readonly string[],
  rules: readonly ReadyRule[],
): readonly ReadyRule[] {
  const known = exclude.filter(session.hasItem);
  if (known.length === 0) return rules;
  const allow = new Uint8Array(session.bundle.catalog.ids.length).fill(1);
  for (const id of known) allow[session.itemRow(id)] = 0;
  return [...rules, { name: "exclude", effect: { allow }, notes: [], givesWay: false }];
}
