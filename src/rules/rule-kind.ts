/**
 * A kind of rule: what a shop allows in its lists, or how it wants them arranged. A kind has a schema, which is all that a pipeline or a
 * rules file may say of it, and is prepared once against a catalog. Masks of items go to the search, so that the best k are taken among
 * what a rule leaves; arrangements choose among more than k.
 */
import type { z } from "zod";
import type { Catalog } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Matrix } from "../math/matrix.ts";

/** What rules are prepared against. Row i is the same item everywhere. */
export interface RuleWorld {
  readonly catalog: Catalog;
  readonly interactions: Interactions;
  /** Whether the data have the user. */
  readonly hasUser: (id: string) => boolean;
  /** n x d at unit length: the cosine of two items is their likeness by what is served. */
  readonly directions: () => Matrix;
  /** n x c at unit length: likeness by content. */
  readonly contentDirections: () => Matrix;
  /** n flags: 1 where an item is new. */
  readonly newItems: () => Uint8Array;
  /** n: lengths of the served vectors. */
  readonly norms: () => Float64Array;
  /** What is uncertain about scores. */
  readonly spread: () => ScoreSpread;
}

/** The standard deviation of the score of item i for a user w: `uncertainty[i] * ofQuery(w) / |h_i|^e`. */
export interface ScoreSpread {
  readonly uncertainty: Float32Array;
  readonly ofQuery: (vector: Float32Array) => number;
}

/** Whose list it is. */
export interface ListOwner {
  /** Rows of what a person took, or the item that is asked about. */
  readonly history: ArrayLike<number> & Iterable<number>;
  /** Id of a person, where they have one. */
  readonly user?: string;
  /** d values: what items are scored with. */
  readonly query: Float32Array;
  /** e: the exponent of an item's length that is divided out of its score. */
  readonly normExponent: number;
}

/** Which items may be listed. Owners of one key have the same limit. */
export interface Limit {
  readonly key: string;
  /** A flag per item. */
  readonly flags: () => Uint8Array;
  /** The same for one item, without the flags of all. */
  readonly allows: (row: number) => boolean;
}

export interface ScoredRow {
  readonly row: number;
  readonly score: number;
}

/** What a rule asks of the search and of the places of a list. Whatever is absent is not asked. */
export interface RuleEffect {
  /** n flags, for everybody. */
  readonly allow?: Uint8Array;
  /** For one owner; undefined where the rule does not limit them. */
  readonly limit?: (owner: ListOwner) => Limit | undefined;
  /** Rows that one owner is not listed. */
  readonly excluded?: (owner: ListOwner) => Iterable<number>;
  /** Standard deviations that are added to a score before candidates are chosen. */
  readonly reach?: number;
  /** Candidates with other scores. */
  readonly adjust?: (owner: ListOwner, candidates: readonly ScoredRow[]) => readonly ScoredRow[];
  /** Keys of an item, and how many items with one key a list may have. */
  readonly cap?: { readonly keysOf: (row: number) => readonly string[]; readonly maximum: number };
  /** A share of the places, and who they are kept for. */
  readonly places?: { readonly flags: Uint8Array; readonly share: number };
  /** Weight in 0..1 of being unlike what is listed already, by the directions of the items. */
  readonly diversity?: { readonly weight: number; readonly directions: Matrix };
}

export interface PreparedRule {
  /** As reasons and ledgers name it. */
  readonly name: string;
  readonly effect: RuleEffect;
  /** What is worth knowing: ids that nobody has, values that no item has. */
  readonly notes: readonly string[];
}

/** Options that every rule has. */
export interface CommonOptions {
  readonly kind: string;
  readonly name?: string;
  readonly lists: "all" | "similar" | "recommend";
}

export interface RuleKind<S extends z.ZodType<CommonOptions> = z.ZodType<CommonOptions>> {
  /** As `kind` says it. */
  readonly name: string;
  readonly schema: S;
  /** One sentence, printed in the reference. */
  readonly purpose: string;
  /** Whether it may give way, under `strict: false`, where fewer items are left than asked for. */
  readonly givesWay: boolean;
  /** Whether it is about people, and similar items know nothing of it. */
  readonly forUsers?: boolean;
  /** What distinguishes it from others of its kind: "brand". */
  about?(options: z.output<S>): string;
  /** Reads its files and looks up what it names. INVALID_OPTIONS, FILE_NOT_FOUND, UNREADABLE_INPUT, UNKNOWN_COLUMN, EMPTY_INPUT. */
  prepare(options: z.output<S>, world: RuleWorld): Promise<RulePreparation> | RulePreparation;
}

export interface RulePreparation {
  readonly effect: RuleEffect;
  readonly notes?: readonly string[];
}
