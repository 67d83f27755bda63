/** Rules that cannot hold together, seen from what is written alone; what only the data tell is said by the lists. */

interface Written {
  readonly kind: string;
  readonly name?: string;
  readonly lists: string;
  readonly attribute?: string;
  readonly relation?: string;
  readonly items?: readonly string[];
  readonly share?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly from?: number;
  readonly to?: number;
  readonly file?: string;
}

export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Kinds of which one in a list of rules says it all. */
const ONCE: readonly string[] = ["diversity", "exploration", "new-places", "tail-places"];

/** One entry a contradiction, at the later of the two rules. */
export function contradictions(rules: readonly Written[]): Contradiction[] {
  return [...rules.flatMap((rule, at) => againstEarlier(rule, at, rules)), ...tooManyPlaces(rules)];
}

function againstEarlier(rule: Written, at: number, rules: readonly Written[]): Contradiction[] {
  return rules.slice(0, at).flatMap((earlier, before) => {
    const message = meets(earlier, rule) ? clashOf(earlier, rule) : undefined;
    return message === undefined ? [] : [{ path: [at], message: `contradicts rule ${before + 1}: ${message}` }];
  });
}

/** Whether both are about some list. */
function meets(a: Written, b: Written): boolean {
  return a.lists === "all" || b.lists === "all" || a.lists === b.lists;
}

function clashOf(a: Written, b: Written): string | undefined {
  if (a.name !== undefined && a.name === b.name) return `both are called "${a.name}"; give one another name`;
  if (a.kind === b.kind && ONCE.includes(a.kind)) return `both are of kind ${a.kind}; leave one out`;
  const isCategory = a.kind === "category" && b.kind === "category" && a.attribute === b.attribute;
  if (isCategory && a.relation !== b.relation) return `no item is of the same and of another ${a.attribute}`;
  const apart = rangesApart(a, b) ?? listsApart(a, b);
  if (apart !== undefined) return apart;
  const [allowed, blocked] = a.kind === "allow" ? [a, b] : [b, a];
  if (allowed.kind !== "allow" || blocked.kind !== "block") return undefined;
  const both = allowed.items?.find((id) => blocked.items?.includes(id));
  return both === undefined ? undefined : `"${both}" is allowed and blocked; take it out of one`;
}

/** Of what two rules bound a number, and how far. */
function rangesApart(a: Written, b: Written): string | undefined {
  const [one, other] = [rangeOf(a), rangeOf(b)];
  if (one === undefined || other === undefined || one.of !== other.of) return undefined;
  const [least, most] = [Math.max(one.least, other.least), Math.min(one.most, other.most)];
  return least > most ? `no ${one.of} is at least ${least} and at most ${most}; let them overlap` : undefined;
}

const INFINITY = Number.POSITIVE_INFINITY;

function rangeOf({ kind, attribute, minimum = 0, maximum = INFINITY, from = 0, to = INFINITY }: Written) {
  if (kind === "support" || kind === "age") return { of: kind, least: minimum, most: maximum };
  return kind === "price-band" ? { of: `multiple of ${attribute}`, least: from, most: to } : undefined;
}

function listsApart(a: Written, b: Written): string | undefined {
  const areWhole = [a, b].every(({ kind, file }) => kind === "allow" && file === undefined);
  if (!areWhole || a.items?.some((id) => b.items?.includes(id))) return undefined;
  return "no item is on both lists; join them into one";
}

function tooManyPlaces(rules: readonly Written[]): Contradiction[] {
  const kept = rules.flatMap(({ kind, share }, at) => (kind.endsWith("-places") ? [{ at, share: share ?? 0 }] : []));
  const sum = kept.reduce((total, { share }) => total + share, 0);
  const last = kept.at(-1);
  if (last === undefined || sum <= 1 + 1e-9) return [];
  return [{ path: [last.at, "share"], message: `the shares of kept places add up to ${sum}; expected at most 1` }];
}
