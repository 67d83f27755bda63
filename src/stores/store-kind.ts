/**
 * A vector store as tailrec sees it: collections that exist in versions. A version is filled, finished, and then switched to in one step,
 * so that readers see one version whole and never a mix. Its name is a digest of its content: the same push finds itself.
 */
import type { Filter } from "../rules/filter-language.ts";
import type { StoreTarget } from "./store-target.ts";

/** What a collection is asked for: items like an item, or items for a user. */
export const purposes = ["similar", "recommend"] as const;

export type Purpose = (typeof purposes)[number];

/** How nearness is measured: the cosine, or the inner product. tailrec decides, by the purpose and the bundle. */
export type Metric = "cosine" | "dot";

/** A category may hold several values; a number is null where it is missing. */
export type AttributeValue = readonly string[] | number | null;

export interface StoredItem {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly support: number;
  readonly uncertainty: number;
  /** In the order of the version's attributes. */
  readonly attributes: readonly AttributeValue[];
  readonly vector: Float32Array;
}

export interface StoredAttribute {
  readonly name: string;
  readonly kind: "category" | "number";
}

/** What a version says of itself. */
export interface VersionRecord {
  /** Digest of the content, in letters and digits. */
  readonly version: string;
  readonly purpose: Purpose;
  readonly metric: Metric;
  readonly dimension: number;
  /** Length of the longest vector. */
  readonly longest: number;
  readonly rows: number;
  readonly attributes: readonly StoredAttribute[];
}

export interface StoreQuery {
  readonly vector: Float32Array;
  readonly count: number;
  /** Applied before the nearest are taken. */
  readonly filter?: Filter;
}

export interface StoredHit {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly support: number;
  readonly uncertainty: number;
  /** Higher is nearer: the cosine, or the inner product. */
  readonly score: number;
}

/** An open store, closed by its owner. Calls fail with the STORE_ codes of errors.ts, each leaving what readers see as it was. */
export interface VectorStore {
  /** Keeps other pushes out until it is given up. STORE_BUSY while another holds it. */
  lock(): Promise<StoreLock>;
  /** The version that readers see. STORE_MISMATCH where something else has the name of the collection. */
  current(): Promise<VersionRecord | undefined>;
  /** Rows that an unfinished version holds already: the first so many. 0 where there is no such version. */
  written(version: string): Promise<number>;
  /** An empty version beside the current one, in place of any remains of it. */
  create(record: VersionRecord): Promise<void>;
  /** Adds items as the rows from `begin` on. Adding the same rows twice is adding them once. */
  append(record: VersionRecord, begin: number, items: readonly StoredItem[]): Promise<void>;
  /** Makes the version searchable: indexes built, nothing pending. */
  finish(record: VersionRecord): Promise<void>;
  /** In one step readers see this version in place of the current one. */
  switchTo(record: VersionRecord): Promise<void>;
  /** Removes every other version, finished or not. */
  prune(record: VersionRecord): Promise<void>;
  /** The nearest items of the current version, nearest first. */
  search(record: VersionRecord, query: StoreQuery): Promise<readonly StoredHit[]>;
  /** Absent where a store can copy nothing within itself: every item is sent to it. */
  readonly inheritance?: VersionInheritance;
  /** The vector of an item of the current version. */
  vectorOf(record: VersionRecord, id: string): Promise<Float32Array | undefined>;
  close(): Promise<void>;
}

/** How a version takes over what stays of another, without its being sent again. */
export interface VersionInheritance {
  /** All items of a version, in batches, as they were appended. */
  itemsOf(record: VersionRecord): AsyncIterable<readonly StoredItem[]>;
  /** Adds to version `to` the items of `from` that it lacks, but for those whose ids are gone. */
  inherit(from: VersionRecord, to: VersionRecord, gone: readonly string[]): Promise<void>;
}

export interface StoreLock {
  /** Says that the push is alive; STORE_BUSY where the lock was lost. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** A kind of store: one module, one line in the registry. */
export interface StoreKind {
  readonly name: string;
  /** How an address of this kind begins, before the colon. */
  readonly schemes: readonly string[];
  /** An address, for help and messages. */
  readonly example: string;
  /** What npm is asked to install. */
  readonly packages: readonly string[];
  /** The longest vector that it can index. */
  readonly largestDimension: number;
  open(target: StoreTarget): Promise<VectorStore>;
}
