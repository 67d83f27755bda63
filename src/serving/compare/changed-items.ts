/** The items that changed most between two bundles, and what of them changed: interactions, content, or only what lies around them. */
import type { Bundle } from "../../bundle/bundle.ts";
import type { EmbeddingSource } from "../../hybrid/item-embeddings.ts";
import type { MovedVectors } from "./moved-vectors.ts";

export interface ChangedItem {
  readonly id: string;
  readonly title: string;
  /** 1 - cosine after the best rotation. */
  readonly moved: number;
  readonly support: readonly [number, number];
  readonly source: readonly [EmbeddingSource, EmbeddingSource];
  readonly reasons: readonly string[];
}

/** The first `count`, farthest first, ties by the row in the later bundle. */
export function mostChanged(
  before: Bundle,
  after: Bundle,
  { rows, aligned }: MovedVectors,
  count: number,
): readonly ChangedItem[] {
  const order = rows.map((_, i) => i).sort((a, b) => aligned[b] - aligned[a] || rows[a][1] - rows[b][1]);
  return order.slice(0, count).map((i) => {
    const [earlier, later] = rows[i];
    const [was, is] = [before.model.embeddings, after.model.embeddings];
    const support = [was.support[earlier], is.support[later]] as const;
    const source = [was.source[earlier], is.source[later]] as const;
    const reasons = reasonsOf(before, after, rows[i], support, source);
    return {
      id: after.catalog.ids[later],
      title: after.catalog.titles[later],
      moved: aligned[i],
      support,
      source,
      reasons,
    };
  });
}

function reasonsOf(
  before: Bundle,
  after: Bundle,
  [earlier, later]: readonly [number, number],
  support: readonly [number, number],
  source: readonly [EmbeddingSource, EmbeddingSource],
): string[] {
  const reasons: string[] = [];
  if (support[0] !== support[1]) reasons.push(`interactions ${support[0]} -> ${support[1]}`);
  if (source[0] !== source[1]) reasons.push(`known by ${source[0]} -> ${source[1]}`);
  const changed = changedContent(before, after, earlier, later);
  if (changed.length > 0) reasons.push(`other ${changed.join(", ")}`);
  return reasons.length > 0 ? reasons : ["nothing of its own: the items and users around it"];
}

/** Names of the fields that differ. */
function changedContent({ catalog: a }: Bundle, { catalog: b }: Bundle, earlier: number, later: number): string[] {
  const fields = (["titles", "descriptions", "images"] as const).filter(
    (field) => a[field][earlier] !== b[field][later],
  );
  const names = { titles: "title", descriptions: "description", images: "picture" };
  const attributes = b.attributes.flatMap(({ name, values }) => {
    const known = a.attributes.find((attribute) => attribute.name === name);
    const isSame = known !== undefined && String(known.values[earlier]) === String(values[later]);
    return known === undefined || isSame ? [] : [name];
  });
  return [...fields.map((field) => names[field]), ...attributes];
}
