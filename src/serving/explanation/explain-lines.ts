/** An explanation in plain words: what people share, what the items share, what the model made of it, and why. */
import type { BlockKind } from "../../features/block-kind.ts";
import { blockKindNamed, blockKinds } from "../../features/block-kinds.ts";
import type { BlockLikeness, ExplainedItem, PairFacts } from "./pair-facts.ts";

/** One fact a line, the telling ones first. `kinds` are those of the blocks. */
export function explanationLines(facts: PairFacts, kinds: readonly BlockKind[] = blockKinds): string[] {
  return [
    usersLine(facts),
    ...attributeLines(facts),
    ...wordLines(facts),
    ...facts.content.map((block) => blockLine(block, kinds)),
    likenessLine(facts),
    sourceLine(facts),
  ];
}

function usersLine({ users: { shared, lift } }: PairFacts): string {
  if (shared === 0 || lift === null) return "no shared users";
  const times = Number(lift.toPrecision(2));
  return `${counted(shared, "shared user")} (${times === 1 ? "" : `${times} times `}as many as by chance)`;
}

function attributeLines({ attributes }: PairFacts): string[] {
  const same = attributes.categories.map(({ name, values }) => `same ${name}: ${values.join(", ")}`);
  const prices = attributes.numbers.filter(({ kind, a, b }) => kind === "price" && closePrices(a, b));
  return [...same, ...prices.map(({ name, a, b }) => `alike in ${name}: ${a} and ${b}`)];
}

/** Within a quarter of each other. */
function closePrices(a: number, b: number): boolean {
  return Math.min(a, b) > 0 && Math.max(a, b) <= 1.25 * Math.min(a, b);
}

const WORDS_SAID = 5;

function wordLines({ words }: PairFacts): string[] {
  if (words.length === 0) return [];
  const said = words.slice(0, WORDS_SAID).map((word) => `'${word}'`);
  return [`both say ${said.join(", ")}`];
}

function blockLine({ kind, cosine }: BlockLikeness, kinds: readonly BlockKind[]): string {
  const what = blockKindNamed(kinds, kind).words.plural;
  if (cosine === null) return `${what} cannot be compared: one is missing`;
  return `${what} ${degree(cosine)} (${figure(cosine)})`;
}

function degree(cosine: number): string {
  if (cosine >= 0.7) return "much alike";
  if (cosine >= 0.4) return "alike";
  return cosine >= 0.15 ? "somewhat alike" : "not alike";
}

function likenessLine({ likeness: { served, prior, factors } }: PairFacts): string {
  const part = (name: string, cosine: number | null): string =>
    `${name} alone ${cosine === null ? "says nothing" : figure(cosine)}`;
  const all = served === null ? "the served vectors cannot be compared" : `served likeness ${figure(served)}`;
  return `${all} (${part("content", prior)}, ${part("behaviour", factors)})`;
}

/** What made the likeness: the parts of the cosine by which the items are compared. */
function sourceLine({ a, b, likeness: { fromBehaviour, fromContent } }: PairFacts): string {
  const share = shareOf(fromContent ?? 0, fromBehaviour ?? 0);
  if (share === undefined) return `the likeness comes from behaviour: ${supportOf(a)}, ${supportOf(b)}`;
  const weaker = a.support <= b.support ? a : b;
  return `${share} of the likeness comes from content, since ${supportOf(weaker)}`;
}

/** Undefined where content adds next to nothing. */
function shareOf(content: number, behaviour: number): string | undefined {
  const share = content / (Math.abs(content) + Math.abs(behaviour));
  if (share > 0.995) return "all";
  if (share > 0.9) return "nearly all";
  if (share > 0.5) return "most";
  return share > 0.1 ? "some" : undefined;
}

function supportOf({ id, support }: ExplainedItem): string {
  return `${id} has ${support === 0 ? "no interactions" : counted(support, "interaction")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** ".81", "-.20", "1.00". */
function figure(cosine: number): string {
  return cosine.toFixed(2).replace(/^(-?)0\./, "$1.");
}
