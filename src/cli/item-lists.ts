/** Lists of items as people and machines read them. */

import type { BundleSession } from "../serving/bundle-session.ts";
import type { Hit } from "../serving/item-index.ts";
import type { Style } from "./style.ts";
import { formatTable } from "./table.ts";

export interface ListedItem {
  readonly id: string;
  readonly title: string;
  /** Training interactions. */
  readonly support: number;
  /** What the vector rests on: behaviour, blend or content. */
  readonly source: string;
  readonly score?: number;
}

/** What is known of the item at `row`. */
export function describeItem({ bundle }: BundleSession, row: number): ListedItem {
  const { catalog, model } = bundle;
  const { support, source } = model.embeddings;
  return { id: catalog.ids[row], title: catalog.titles[row], support: support[row], source: source[row] };
}

export function describeHits(session: BundleSession, hits: readonly Hit[]): ListedItem[] {
  return hits.map(({ row, score }) => ({ ...describeItem(session, row), score }));
}

/** One line: `kettle-12 "Red kettle" (support 3, blend)`. */
export function headline({ id, title, support, source }: ListedItem): string {
  return `${id} "${title}" (support ${support}, ${source})`;
}

/** A numbered list with title, support, source and score. */
export function listLines(items: readonly ListedItem[], style: Style): string[] {
  const rows = items.map((item, place) => [
    String(place + 1),
    item.id,
    item.title,
    String(item.support),
    item.source,
    item.score?.toFixed(3) ?? "",
  ]);
  return formatTable(
    [
      { heading: "#", align: "right" },
      { heading: "item" },
      { heading: "title", flexible: true },
      { heading: "support", align: "right" },
      { heading: "source" },
      { heading: "score", align: "right" },
    ],
    rows,
    style,
  );
}
