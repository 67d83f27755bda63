/** An open bundle as its answers use it: ids looked up, the item index ready, everything else made when it is first asked for. */
import { fitUserGroups } from "../baselines/popular-in-cluster.ts";
import { type Bundle, type BundleKinds, loadBundle } from "../bundle/bundle.ts";
import { TailrecError } from "../errors.ts";
import { once } from "../once.ts";
import { nearestName } from "../options.ts";
import { prepareRules, type ReadyRule } from "../rules/prepared-rules.ts";
import type { RuleWorld } from "../rules/rule-kind.ts";
import type { Takers } from "./fallback-lists.ts";
import { createItemIndex, type ItemIndex } from "./item-index.ts";
import type { Evidence } from "./pair-facts.ts";
import { ruleWorld } from "./rule-world.ts";
import { documentFrequencies } from "./shared-content.ts";

export interface BundleSession {
  readonly bundle: Bundle;
  readonly index: ItemIndex;
  /** The item's row; UNKNOWN_ITEM with the nearest ids or titles. */
  itemRow(id: string): number;
  hasItem(id: string): boolean;
  hasUser(id: string): boolean;
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
}

/** Loads and verifies the bundle in `folder`. */
export async function openBundle(folder: string, kinds: BundleKinds = {}): Promise<BundleSession> {
  const bundle = await loadBundle(folder, kinds);
  const { catalog, userIds } = bundle;
  const itemRows = new Map(catalog.ids.map((id, row) => [id, row]));
  const userRows = new Map(userIds.map((id, row) => [id, row]));
  const { interactions, model } = bundle;
  const world = once(() => ruleWorld(bundle));
  return {
    bundle,
    index: createItemIndex(bundle.model.embeddings.vectors),
    itemRow: (id) => itemRows.get(id) ?? unknownItem(id, bundle),
    hasItem: (id) => itemRows.has(id),
    hasUser: (id) => userRows.has(id),
    userRow: (id) => userRows.get(id) ?? unknownUser(id, userIds),
    parts: {
      als: once(() => createItemIndex(model.als.itemFactors)),
      prior: once(() => createItemIndex(model.prior)),
    },
    takers: { interactions, userGroups: once(() => fitUserGroups(interactions, model.userVectors)) },
    ruleWorld: world,
    ownRules: keptRules(bundle, world),
    evidence: once(() => evidenceIn(bundle)),
  };
}

function keptRules({ manifest }: Bundle, world: () => RuleWorld): BundleSession["ownRules"] {
  const prepared = new Map<string, Promise<readonly ReadyRule[]>>();
  return (lists, strict) => {
    const key = `${lists} ${strict}`;
    const rules = prepared.get(key) ?? prepareRules(manifest.rules ?? [], world(), { lists, strict });
    prepared.set(key, rules);
    return rules;
  };
}

function unknownItem(id: string, { catalog }: Bundle): never {
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

function evidenceIn({ catalog, interactions, features, space, model }: Bundle): Evidence {
  return {
    catalog,
    documentFrequencies: documentFrequencies(catalog),
    interactions,
    features,
    kinds: space.kinds,
    standardisation: model.regressor.standardisation,
    embeddings: model.embeddings,
    prior: model.prior,
    itemFactors: model.behaviour,
  };
}
