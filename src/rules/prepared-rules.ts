/**
 * Rules against one catalog: files read, names looked up, flags made. Rules that give way are told apart, since the fallback fills
 * lists without them.
 */
import { TailrecError } from "../errors.ts";
import { allOf } from "./attributes.ts";
import type { Limit, ListOwner, PreparedRule, RuleKind, RuleWorld } from "./rule-kind.ts";
import { kindOfRule, type Rule } from "./rule-kinds.ts";

export interface ReadyRule extends PreparedRule {
  /** As it was written; absent for what a request leaves out. */
  readonly rule?: Rule;
  /** Whether the fallback fills without it. */
  readonly givesWay: boolean;
}

export interface RuleRequest {
  /** Which lists are made. */
  readonly lists: "similar" | "recommend";
  /** False: whatever may give way does. */
  readonly strict: boolean;
}

/** The rules that are about the lists. Throws as the kinds do. */
export async function prepareRules(
  rules: readonly Rule[],
  world: RuleWorld,
  { lists, strict }: RuleRequest,
): Promise<readonly ReadyRule[]> {
  const ready: ReadyRule[] = [];
  for (const [at, rule] of rules.entries()) {
    const kind = kindOfRule(rule);
    if (!isAbout(rule, kind, lists)) continue;
    const { effect, notes = [] } = await kind.prepare(rule, world);
    const name = ruleNames(rules)[at];
    const givesWay = kind.givesWay && (!strict || ("strict" in rule && !rule.strict));
    ready.push({ rule, name, effect, notes: notes.map((note) => `${name}: ${note}`), givesWay });
  }
  return ready;
}

function isAbout(rule: Rule, { forUsers = false }: RuleKind, lists: RuleRequest["lists"]): boolean {
  return (rule.lists === "all" || rule.lists === lists) && !(forUsers && lists === "similar");
}

/** What reasons and ledgers call the rules: the name, or the kind and what it is about; a number behind those that are alike. */
export function ruleNames(rules: readonly Rule[]): string[] {
  const plain = rules.map((rule) => {
    const about = kindOfRule(rule).about?.(rule);
    return rule.name ?? (about === undefined ? rule.kind : `${rule.kind} ${about}`);
  });
  return plain.map((name, at) => {
    const earlier = plain.slice(0, at).filter((other) => other === name).length;
    return earlier === 0 ? name : `${name} ${earlier + 1}`;
  });
}

/** The rules that hold whatever happens. */
export function bindingRules(rules: readonly ReadyRule[]): readonly ReadyRule[] {
  return rules.filter(({ givesWay }) => !givesWay);
}

/** What the rules together leave everybody: n flags; undefined where every item may be listed. */
export function allowOf(rules: readonly ReadyRule[]): Uint8Array | undefined {
  const flags = rules.flatMap(({ effect: { allow } }) => (allow === undefined ? [] : [allow]));
  return flags.length === 0 ? undefined : allOf(flags);
}

/** What the rules that look at the owner leave them, without those that are the same for everybody. */
export function ownLimitOf(rules: readonly ReadyRule[], owner: ListOwner): Limit | undefined {
  return jointLimit(rules.map(({ effect }) => effect.limit?.(owner)));
}

/** What the rules together leave one owner; undefined where every item may be listed. */
export function limitOf(rules: readonly ReadyRule[], owner: ListOwner): Limit | undefined {
  return jointLimit(rules.map((rule) => limitOfRule(rule, owner)));
}

function jointLimit(ofRules: readonly (Limit | undefined)[]): Limit | undefined {
  const limits = ofRules.flatMap((own, at) => (own === undefined ? [] : [{ ...own, key: `${at} ${own.key}` }]));
  if (limits.length === 0) return undefined;
  return {
    key: limits.map(({ key }) => key).join("\u0001"),
    flags: () => allOf(limits.map(({ flags }) => flags())),
    allows: (row) => limits.every(({ allows }) => allows(row)),
  };
}

function limitOfRule({ effect: { allow, limit } }: PreparedRule, owner: ListOwner): Limit | undefined {
  return allow === undefined ? limit?.(owner) : { key: "", flags: () => allow, allows: (row) => allow[row] === 1 };
}

/** Rows that the rules together do not list for one owner. */
export function excludedFor(rules: readonly ReadyRule[], owner: ListOwner): number[] {
  return rules.flatMap(({ effect }) => (effect.excluded === undefined ? [] : [...effect.excluded(owner)]));
}

/** How many items each rule leaves one owner, and all together, in words: "of 400 items, available leaves 12". */
export function reasonFor(rules: readonly ReadyRule[], owner: ListOwner, items: number): string {
  const parts = rules.flatMap((rule) => {
    const own = limitOfRule(rule, owner);
    const left = own === undefined ? undefined : count(own.flags());
    if (left !== undefined) return left === items ? [] : [`${rule.name} leaves ${left}`];
    return rule.effect.cap === undefined ? [] : [rule.name];
  });
  const limit = limitOf(rules, owner);
  const together = limit === undefined ? items : count(limit.flags());
  const all = parts.length > 1 ? `; together ${together}` : "";
  return `of ${items} items, ${parts.join(", ")}${all}`;
}

function count(flags: Uint8Array): number {
  let sum = 0;
  for (const flag of flags) sum += flag;
  return sum;
}

/** NOT_ENOUGH_DATA, with what each leaves, where rules that are the same for everybody, and do not give way, leave no item. */
export function requireSomeItems(rules: readonly ReadyRule[], items: number): void {
  const binding = bindingRules(rules);
  if (allowOf(binding)?.includes(1) ?? true) return;
  const parts = binding.flatMap(({ name, effect: { allow } }) =>
    allow === undefined ? [] : [`${name} leaves ${count(allow)}`],
  );
  const message = `the rules leave no item for anybody: of ${items} items, ${parts.join(", ")}; together 0; correct one of them`;
  throw new TailrecError("NOT_ENOUGH_DATA", message);
}
