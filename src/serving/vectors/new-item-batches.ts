/** New items that arrive while others are embedded go together in the next batch: encoders and products cost little more for ten than for one. */
import type { ItemRecord } from "../../data/ingest/item-records.ts";
import { type Matrix, rowRange } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import type { NewItems } from "./new-items.ts";

export interface EmbeddedOne {
  /** 1 x d. */
  readonly vector: Matrix;
  /** What it is compared by with other items: 1 x d'. */
  readonly similar: Matrix;
  readonly uncertainty: number;
  readonly caveats: readonly string[];
}

/** Embeds several items in their order. */
type EmbedAll = (
  items: readonly ItemRecord[],
  context: RunContext,
) => Promise<Pick<NewItems, "embeddings" | "caveats">>;

interface Waiting {
  readonly item: ItemRecord;
  resolve(embedded: EmbeddedOne): void;
  reject(error: unknown): void;
}

const MOST_TOGETHER = 32;

/** Embeds one item, whatever its id. */
export type EmbedOne = (item: ItemRecord) => Promise<EmbeddedOne>;

/** Embeds one item at a time for its callers, and many at a time by `embedAll`. */
export function embedTogether(embedAll: EmbedAll): EmbedOne {
  let waiting: Waiting[] = [];
  let isRunning = false;
  const serve = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST_TOGETHER);
      waiting = waiting.slice(MOST_TOGETHER);
      await embedGroup(embedAll, group);
    }
    isRunning = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void serve();
    });
}

async function embedGroup(embedAll: EmbedAll, group: readonly Waiting[]): Promise<void> {
  try {
    const items = group.map(({ item }, place) => ({ ...item, id: String(place) }));
    const { embeddings, caveats } = await embedAll(items, {});
    for (const [i, { resolve }] of group.entries()) {
      const vector = rowRange(embeddings.vectors, i, i + 1);
      const similar = rowRange(embeddings.similar, i, i + 1);
      resolve({ vector, similar, uncertainty: embeddings.uncertainty[i], caveats: caveats[i] });
    }
  } catch (error) {
    // One item that is refused must not take its neighbours with it.
    if (group.length === 1) return group[0].reject(error);
    for (const one of group) await embedGroup(embedAll, [one]);
  }
}
