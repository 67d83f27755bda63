/** Items as every answer lists them: id, title, support, what the vector rests on, and the score where there is one. */
import type { EmbeddingSource } from "../../hybrid/item-embeddings.ts";
import type { BundleSession } from "../bundle-session.ts";
import type { Hit } from "../ranking/item-index.ts";

export interface ListedItem {
  readonly id: string;
  readonly title: string;
  /** Training interactions. */
  readonly support: number;
  /** What the vector rests on: behaviour, blend or content. */
  readonly source: EmbeddingSource;
  /** 1 for an item known by complete content alone; less with behaviour. */
  readonly uncertainty: number;
  readonly score?: number;
  /** What filled the place in, where rules left it empty: the score then only keeps the order. */
  readonly filledBy?: string;
}

/** What is known of the item at `row`. */
export function listedItem(
  { bundle }: BundleSession,
  row: number,
  more?: Pick<ListedItem, "score" | "filledBy">,
): ListedItem {
  const { catalog, model } = bundle;
  const { support, source, uncertainty } = model.embeddings;
  return {
    id: catalog.ids[row],
    title: catalog.titles[row],
    support: support[row],
    source: source[row],
    uncertainty: uncertainty[row],
    ...more,
  };
}

/** With the places, the last ones, that a fallback filled. */
export function listedItems(
  session: BundleSession,
  hits: readonly Hit[],
  filled: { readonly count: number; readonly by: string } = { count: 0, by: "" },
): ListedItem[] {
  const from = hits.length - filled.count;
  return hits.map(({ row, score }, place) =>
    listedItem(session, row, place < from ? { score } : { score, filledBy: filled.by }),
  );
}
