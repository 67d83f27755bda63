/** Lists of items as people and machines read them. */
import type { ListedItem } from "../../serving/requests/listed-items.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";

/** One line: `kettle-12 "Red kettle" (support 3, blend)`. */
export function headline({ id, title, support, source }: ListedItem): string {
  return `${id} "${title}" (support ${support}, ${source})`;
}

/** What a line of a list shows. */
interface ListLine extends Pick<ListedItem, "id" | "title" | "support"> {
  readonly source: string;
  readonly score?: number;
  readonly filledBy?: string;
}

interface ListRemarks {
  /** Why the list is short, or was filled. */
  readonly reason?: string;
  readonly notes?: readonly string[];
}

/** A numbered list with title, support, source and score, what is to be said of it beneath; for an empty one, the reason. */
export function listLines(items: readonly ListLine[], style: Style, { reason, notes = [] }: ListRemarks): string[] {
  if (items.length === 0 && reason !== undefined) return [`nothing to list: ${reason}`, ...notes];
  const rows = items.map((item, place) => [
    String(place + 1),
    item.id,
    item.title,
    String(item.support),
    item.source,
    item.filledBy ?? item.score?.toFixed(3) ?? "",
  ]);
  const table = formatTable(
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
  const remarks = [...(reason === undefined ? [] : [`too few items: ${reason}`]), ...notes];
  return [...table, ...remarks.map((remark) => style.faint(plainLine(remark)))];
}
