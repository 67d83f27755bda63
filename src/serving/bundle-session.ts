/** An open bundle as its answers use it: ids looked up, the item index ready, everything else made when it is first asked for. */
import { fitUserGroups } from "../baselines/popular-in-cluster.ts";
import { type Bundle, type BundleKinds, loadBundle } from "../bundle/bundle.ts";
import type { BundleGraph } from "../bundle/bundle-graphs.ts";
import { TailrecError } from "../errors.ts";
import { createUserSolver, type UserSolver, userBasis } from "../hybrid/user-solver.ts";
import type { DiagonalBasis } from "../math/compute/diagonal-basis.ts";
import type { Matrix } from "../math/matrix.ts";
import { once } from "../once.ts";
import { nearestName } from "../options.ts";
import { prepareRules, type ReadyRule, type RuleRequest, requireSomeItems } from "../rules/prepared-rules.ts";
import type { RuleWorld } from "../rules/rule-kind.ts";
import type { Rule } from "../rules/rule-kinds.ts";
import type { Evidence } from "./explanation/pair-facts.ts";
import { documentFrequencies } from "./explanation/shared-content.ts";
import type { Takers } from "./ranking/fallback-lists.ts";
import { createItemIndex, type ItemIndex } from "./ranking/item-index.ts";
import { fitWordIndex, type WordIndex } from "./ranking/word-index.ts";
import { ruleWorld } from "./rule-world.ts";

export interface BundleSession {
  readonly bundle: Bundle;
  readonly index: ItemIndex;
  /** The same items by the vectors by which they are compared. */
  similar(): ItemIndex;
  /** The item's row; UNKNOWN_ITEM with the nearest ids or titles. */
  itemRow(id: string): number;
  hasItem(id: string): boolean;
  /** Whether the data know the user, or they did something since. */
  hasUser(id: string): boolean;
  /** The user's row in the bundle; undefined where it has none. */
  findUser(id: string): number | undefined;
  /** What the user did since the bundle was made; undefined for nothing. */
  history(id: string): LiveHistory | undefined;
  /** n flags: 0 for items that are never listed; all are where absent. */
  readonly listable?: Uint8Array;
  /** The axes of the items that users are solved against. */
  userBasis(): Promise<DiagonalBasis>;
  /** Solves single users against the served vectors. */
  userSolver(): UserSolver;
  /** The user's row; UNKNOWN_USER with the nearest id. */
  userRow(id: string): number;
  /** Indexes over the same items by behaviour alone (als) and by content alone (prior). */
  readonly parts: Readonly<Record<"als" | "prior", () => ItemIndex>>;
  /** Who takes what; the groups of users whose favourites stand in for an unknown user's list. */
  readonly takers: Takers;
  /** What rules are prepared against. */
  ruleWorld(): RuleWorld;
  /** The rules that the bundle keeps, prepared once: their files are read when they are first asked for. */
  ownRules(lists: "similar" | "recommend", strict: boolean): Promise<readonly ReadyRule[]>;
  /** What explanations of item pairs are drawn from. */
  evidence(): Evidence;
  /** The words of the items of the bundle, made when they are first asked for. */
  words(): Promise<WordIndex>;
}

/** What changes while a bundle is served; a bundle alone has none of it. */
export interface LiveView {
  /** The session over the bundle as it was loaded: what it derived once serves on. */
  readonly base: BundleSession;
  readonly index: ItemIndex;
  readonly similar: ItemIndex;
  /** The row of a user in the bundle; undefined for one who was erased. */
  findUser(id: string): number | undefined;
  /** The row of an item that came later or is still there; undefined for one that was taken out. */
  itemRow(id: string): number | undefined;
  /** n flags: 0 for items that are not listed, being sold out or taken out; all are where absent. */
  readonly listable?: Uint8Array;
  /** What a user did since the bundle was made; undefined for nothing. */
  history(user: string): LiveHistory | undefined;
}

/** What one user did, the earliest first: parallel arrays. */
export interface LiveHistory {
  readonly rows: readonly number[];
  readonly weights: readonly number[];
  /** Seconds since the epoch. */
  readonly times: readonly number[];
  /** Rows that the user wants to see no more. */
  readonly dismissed: readonly number[];
}

/** Loads and verifies the bundle in `folder`. */
export async function openBundle(folder: string, kinds: BundleKinds = {}): Promise<BundleSession> {
  return sessionOver(await loadBundle(folder, kinds, { isServed: true }));
}

/** A session over a bundle that is in memory. */
export function sessionOver(bundle: Bundle): BundleSession {
  const { interactions, model } = bundle;
  const basis = userBasis(model);
  const index = indexOver(model.embeddings.vectors, bundle.graphs?.vectors);
  return {
    ...lookups(bundle, { itemRow: rowsById(bundle.catalog.ids), userRow: rowsById(bundle.userIds) }),
    index,
    similar: once(() =>
      model.similar ? indexOver(model.similar.vectors, bundle.graphs?.similar, "projection") : index,
    ),
    userBasis: basis,
    userSolver: once(() => createUserSolver(model, basis)),
    takers: { interactions, userGroups: once(() => fitUserGroups(interactions, model.userVectors)) },
    ...rulesOver(bundle),
    evidence: once(() => evidenceIn(bundle, documentFrequencies(bundle.catalog))),
    words: once(() => fitWordIndex(bundle.catalog)),
  };
}

/** With the graph where it is of these vectors: an update may have changed them. */
function indexOver(vectors: Matrix, graph: BundleGraph | undefined, metric?: ItemIndex["metric"]): ItemIndex {
  const index = createItemIndex(vectors, { metric });
  return graph?.of === vectors ? { ...index, graph: graph.graph } : index;
}

/** A session over a bundle to which items were added, and over what else changed since it was loaded. */
export function liveSessionOver(bundle: Bundle, live: LiveView): BundleSession {
  const { base } = live;
  return {
    ...lookups(bundle, { itemRow: live.itemRow, userRow: live.findUser, history: live.history }),
    index: live.index,
    similar: () => live.similar,
    listable: live.listable,
    userBasis: base.userBasis,
    userSolver: once(() => createUserSolver(bundle.model, base.userBasis)),
    takers: { ...base.takers, listable: live.listable },
    ...rulesOver(bundle, base),
    evidence: once(() => evidenceIn(bundle, base.evidence().documentFrequencies)),
    words: base.words,
  };
}

interface Rows {
  itemRow(id: string): number | undefined;
  userRow(id: string): number | undefined;
  history?(user: string): LiveHistory | undefined;
}

function lookups(bundle: Bundle, { itemRow, userRow, history = () => undefined }: Rows) {
  const { model } = bundle;
  return {
    bundle,
    history,
    findUser: userRow,
    itemRow: (id: string) => itemRow(id) ?? unknownItem(id, bundle),
    hasItem: (id: string) => itemRow(id) !== undefined,
    hasUser: (id: string) => userRow(id) !== undefined || history(id) !== undefined,
    userRow: (id: string) => userRow(id) ?? unknownUser(id, bundle.userIds),
    parts: {
      als: once(() => createItemIndex(model.als.itemFactors)),
      prior: once(() => createItemIndex(model.prior)),
    },
  };
}

function rowsById(ids: readonly string[]): (id: string) => number | undefined {
  const rows = new Map(ids.map((id, row) => [id, row]));
  return (id) => rows.get(id);
}

/** What rules are prepared against; which items are new is known of those that were there, and all later ones are. */
function rulesOver(bundle: Bundle, base?: BundleSession): Pick<BundleSession, "ruleWorld" | "ownRules"> {
  const world = once(() => {
    const own = ruleWorld(bundle);
    if (base === undefined) return own;
    const newItems = once(() => {
      const flags = new Uint8Array(bundle.catalog.ids.length).fill(1);
      flags.set(base.ruleWorld().newItems());
      return flags;
    });
    return { ...own, newItems };
  });
  return { ruleWorld: world, ownRules: keptRules(bundle, world) };
}

/** Prepared when they are first asked for. NOT_ENOUGH_DATA where they leave no item for anybody. */
function keptRules({ manifest }: Bundle, world: () => RuleWorld): BundleSession["ownRules"] {
  const prepared = new Map<string, Promise<readonly ReadyRule[]>>();
  return (lists, strict) => {
    const key = `${lists} ${strict}`;
    const rules = prepared.get(key) ?? soundRules(manifest.rules ?? [], world(), { lists, strict });
    prepared.set(key, rules);
    // A file that is mended is read again.
    rules.catch(() => prepared.delete(key));
    return rules;
  };
}

async function soundRules(
  rules: readonly Rule[],
  world: RuleWorld,
  request: RuleRequest,
): Promise<readonly ReadyRule[]> {
  const ready = await prepareRules(rules, world, request);
  requireSomeItems(ready, world.catalog.ids.length);
  return ready;
}

function unknownItem(id: string, { catalog }: Bundle): never {
  if (catalog.ids.includes(id)) throw new TailrecError("UNKNOWN_ITEM", `the item "${id}" was deleted; put it again`);
  const near = nearestName(id, catalog.ids);
  const titled = rowsTitled(id, catalog.titles).map((row) => `"${catalog.ids[row]}" (${catalog.titles[row]})`);
  const known = `the catalog has ${catalog.ids.length} items, such as "${catalog.ids[0]}"`;
  const remedy =
    near !== undefined ? `did you mean "${near}"?` : titled.length > 0 ? `did you mean ${titled.join(" or ")}?` : known;
  throw new TailrecError("UNKNOWN_ITEM", `no item has the id "${id}"; ${remedy}`);
}

/** Up to three rows whose title contains the text: people type titles where ids are asked for. */
function rowsTitled(text: string, titles: readonly string[]): number[] {
  const wanted = text.toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < titles.length && rows.length < 3; row++) {
    if (titles[row].toLowerCase().includes(wanted)) rows.push(row);
  }
  return rows;
}

function unknownUser(id: string, userIds: readonly string[]): never {
  const near = nearestName(id, userIds);
  const remedy =
    near === undefined
      ? `the bundle knows ${userIds.length} users, such as "${userIds[0]}"`
      : `did you mean "${near}"?`;
  throw new TailrecError("UNKNOWN_USER", `no user has the id "${id}"; ${remedy}`);
}

/** What explanations of item pairs are drawn from. */
export function evidenceOf(session: BundleSession): Evidence {
  return session.evidence();
}

function evidenceIn(
  { catalog, interactions, features, space, model }: Bundle,
  frequencies: ReadonlyMap<string, number>,
): Evidence {
  return {
    catalog,
    documentFrequencies: frequencies,
    interactions,
    features,
    kinds: space.kinds,
    standardisation: model.regressor.standardisation,
    embeddings: model.embeddings,
    similar: model.similar ?? { vectors: model.embeddings.vectors, behaviour: model.embeddings.rank },
    prior: model.prior,
    itemFactors: model.behaviour,
  };
}
