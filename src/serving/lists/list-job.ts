/** Lists for many owners into one file, in blocks that the top-k kernel searches together: nothing but one block is ever in memory. */
import type { Bundle } from "../../bundle/bundle.ts";
import type { ListEntry, ListTable, OwnedList } from "../../data/files/list-table.ts";
import { rowOf } from "../../math/matrix.ts";
import { type ReadyRule, requireSomeItems } from "../../rules/prepared-rules.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { blockFinder, type QueryBlock } from "../ranking/block-finder.ts";
import type { FallbackModel } from "../ranking/fallback-lists.ts";
import type { Finder } from "../ranking/finder.ts";
import type { Hit, ItemIndex } from "../ranking/item-index.ts";
import { steadyIndex } from "../ranking/steady-index.ts";
import { ruledAnswers } from "../requests/ruled-answer.ts";

/** What was written to one file. */
export interface WrittenLists {
  readonly kind: "similar" | "recommend" | "segments";
  readonly file: string;
  readonly lists: number;
  /** Asked ids that the bundle does not know: they have no list. */
  readonly unknown: readonly string[];
  /** Lists shorter than asked for, and lists that the fallback filled. */
  readonly short: number;
  readonly filled: number;
  /** What is worth knowing of the rules: ids and values that nobody has. */
  readonly notes: readonly string[];
}

export interface ListJob {
  readonly file: string;
  /** Known once the lists are written. */
  readonly written: () => WrittenLists;
  readonly table: ListTable;
}

/** Owners searched in one call: long enough for every thread, short enough for progress and cancellation. */
const BLOCK = 2048;
/** The same where rules limit each owner: more of them share a mask. */
const LIMITED_BLOCK = 8192;

const OWNERS = { similar: "query", recommend: "user", segments: "segment" } as const;

export interface ListsOf {
  readonly stage: string;
  /** What is searched. */
  readonly index: ItemIndex;
  /** Rows of the owners. */
  readonly rows: Uint32Array;
  /** Ids of all who might own a list. */
  readonly ownerIds: readonly string[];
  readonly count: number;
  readonly rules: readonly ReadyRule[];
  readonly fallback: FallbackModel;
  /** What is looked for on behalf of a block of owners. */
  readonly queriesOf: (block: Uint32Array) => QueryBlock;
  readonly ownerOf: (row: number, query: Float32Array) => ListOwner;
  readonly findFallback: (owners: readonly ListOwner[]) => Promise<Finder>;
  readonly entriesOf: (owner: number, hits: readonly Hit[]) => readonly ListEntry[];
}

/** NOT_ENOUGH_DATA where the rules leave no item for anybody. */
export function listJob(
  session: BundleSession,
  about: Pick<WrittenLists, "kind" | "file" | "lists" | "unknown">,
  lists: ListsOf,
  context: RunContext,
): ListJob {
  requireSomeItems(lists.rules, session.bundle.catalog.ids.length);
  const tally = { short: 0, filled: 0 };
  const notes = lists.rules.flatMap((rule) => rule.notes);
  return {
    written: () => ({ ...about, ...tally, notes }),
    file: about.file,
    table: {
      owner: OWNERS[about.kind],
      explained: about.kind === "recommend",
      isRuled: lists.rules.some(({ givesWay }) => givesWay),
      parts: listParts(session, lists, tally, context),
    },
  };
}

async function* listParts(
  session: BundleSession,
  { stage, index, rows, ownerIds, queriesOf, ownerOf, findFallback, entriesOf, ...asked }: ListsOf,
  tally: { short: number; filled: number },
  context: RunContext,
): AsyncGenerator<readonly OwnedList[]> {
  const { spread } = session.ruleWorld();
  const items = session.bundle.catalog.ids.length;
  const steady = steadyIndex(index);
  const length = asked.rules.some(({ effect }) => effect.limit !== undefined) ? LIMITED_BLOCK : BLOCK;
  for (let begin = 0; begin < rows.length; begin += length) {
    const block = rows.subarray(begin, begin + length);
    const queries = queriesOf(block);
    const owners = Array.from(block, (row, i) => ownerOf(row, rowOf(queries.queries, i)));
    const find = blockFinder(steady, queries, spread);
    const answers = await ruledAnswers({ ...asked, owners, items, find, findFallback: () => findFallback(owners) });
    yield answers.map(({ hits, filled, reason }, i) => {
      if (hits.length < asked.count) tally.short++;
      if (filled > 0) tally.filled++;
      const entries = withFilled(entriesOf(block[i], hits), filled, asked.fallback);
      return { owner: ownerIds[block[i]], entries, reason };
    });
    context.onProgress?.({ stage, done: begin + block.length, total: rows.length });
    throwIfInterrupted(context);
  }
}

function withFilled(entries: readonly ListEntry[], filled: number, fallback: FallbackModel): readonly ListEntry[] {
  if (filled === 0) return entries;
  return entries.map((entry, place) => (place < entries.length - filled ? entry : { ...entry, filledBy: fallback }));
}

export function entryOf({ catalog, model }: Bundle, { row, score }: Hit): ListEntry {
  return { item: catalog.ids[row], score, source: model.embeddings.source[row] };
}
