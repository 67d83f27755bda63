/** The request for one new item: its vector and its neighbours in one answer. */
import { alongAxes, leadingColumns } from "../../hybrid/score-axes.ts";
import { rowOf } from "../../math/matrix.ts";
import type { BundleSession } from "../bundle-session.ts";
import { similarToVector } from "../ranking/similar-items.ts";
import type { EmbedOne } from "../vectors/new-item-batches.ts";
import type { NewItemsSource } from "../vectors/new-items.ts";
import { type ListedItem, listedItems } from "./listed-items.ts";

export interface NewItemRequest {
  /** The item as values. */
  readonly item: Exclude<NewItemsSource["items"], string>[number];
  /** How many neighbours to list. */
  readonly count: number;
  /** The first so many numbers of the vector; all when absent. */
  readonly dimensions?: number;
}

export interface NewItemAnswer {
  /** Along the score axes, as exported vectors are. */
  readonly vector: Float32Array;
  readonly uncertainty: number;
  /** What makes the vector less certain. */
  readonly caveats: readonly string[];
  readonly neighbours: readonly ListedItem[];
}

/** Errors: those of `embedItemsFrom`. */
export async function answerNewItem(
  session: BundleSession,
  { item, count, dimensions }: NewItemRequest,
  embedOne: EmbedOne,
): Promise<NewItemAnswer> {
  const { vector, similar, uncertainty, caveats } = await embedOne(item);
  const turned = await alongAxes(vector, session.bundle.axes);
  const hits = count === 0 ? [] : await similarToVector(session.similar(), rowOf(similar, 0), { count });
  const { values } = leadingColumns(turned, Math.min(dimensions ?? turned.columns, turned.columns));
  return { vector: values, uncertainty, caveats, neighbours: listedItems(session, hits) };
}
