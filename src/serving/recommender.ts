/**
 * A bundle that answers: similar items, recommendations, vectors of new items, explanations. Ids and values go in, ids and values come
 * out. The command line and any service are faces of it.
 */
import type { z } from "zod";
import type { Bundle, BundleKinds } from "../bundle/bundle.ts";
import { createKeptEncoders } from "../encoders/run/kept-encoders.ts";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { type BundleSession, openBundle } from "./bundle-session.ts";
import { type Exchange, exchangeLimitsSchema, requireExchangeable } from "./exchange.ts";
import { type LiveOptions, type LiveSession, openLiveSession } from "./live/live-session.ts";
import { startFilling, withNeighbours } from "./neighbour-filling.ts";
import { answerEmbed, type EmbedAnswer, type EmbedRequest } from "./requests/embed-request.ts";
import { answerExplain, type ExplainAnswer } from "./requests/explain-request.ts";
import {
  type ItemView,
  itemThumbnail,
  type itemViewSchema,
  type MapPoint,
  mapAround,
  viewItem,
} from "./requests/item-view.ts";
import { type LenientList, recommendOrPopular, similarOrPopular } from "./requests/lenient-lists.ts";
import { listByPart, type PartModel } from "./requests/model-lists.ts";
import { answerNewItem, type NewItemAnswer, type NewItemRequest } from "./requests/new-item-request.ts";
import { answerRank, type RankAnswer, type RankRequest } from "./requests/rank-request.ts";
import { answerRecommend, type RecommendAnswer, type RecommendRequest } from "./requests/recommend-request.ts";
import { answerSearch, type SearchAnswer, type SearchRequest } from "./requests/search-request.ts";
import { answerSimilar, type SimilarAnswer, type SimilarRequest } from "./requests/similar-request.ts";
import { embedTogether } from "./vectors/new-item-batches.ts";
import { embedItemsFrom } from "./vectors/new-items.ts";
import { warmUp } from "./warm-up.ts";

export type { ExplainAnswer } from "./requests/explain-request.ts";

/** What makes lists for people. */
export type ListMaker = Pick<Recommender, "recommendOrPopular" | "recommendBy">;

/** Opened by `openRecommender`, closed by its owner. Calls may run side by side. */
export interface Recommender {
  /** The one that answers, as it was loaded. */
  readonly bundle: Bundle;
  /** What happens while it is served; absent where no log was named. */
  readonly live?: LiveSession;
  /** The items nearest to an item. Errors: UNKNOWN_ITEM, INVALID_OPTIONS. */
  similar(request: SimilarRequest): Promise<SimilarAnswer>;
  /** A list for a user, or for someone new. Errors: UNKNOWN_USER, UNKNOWN_ITEM, INVALID_ARGUMENT, INVALID_OPTIONS. */
  recommend(request: RecommendRequest, context?: RunContext): Promise<RecommendAnswer>;
  /** Vectors for new items, of a file or given as values. Errors: those of ingest and of encoders. */
  embed(request: EmbedRequest, context?: RunContext): Promise<EmbedAnswer>;
  /** Why two items are near, by their ids. Errors: UNKNOWN_ITEM. */
  explain(a: string, b: string): Promise<ExplainAnswer>;
  /** `similar` for callers who cannot know the ids: what everybody takes where the item is unknown, and that is said. */
  similarOrPopular(request: SimilarRequest): Promise<LenientList>;
  /** `recommend` for callers who cannot know the ids: unknown ones are left aside and said, a fallback answers where none is left. */
  recommendOrPopular(request: RecommendRequest, context?: RunContext): Promise<LenientList>;
  /** A list by one part of the model alone, for experiments. */
  recommendBy(model: PartModel, request: { readonly user: string; readonly count: number }): Promise<LenientList>;
  /** A given list in the model's order. Errors: INVALID_ARGUMENT, UNKNOWN_ITEM, INVALID_OPTIONS. */
  rank(request: RankRequest, context?: RunContext): Promise<RankAnswer>;
  /** Items by title and meaning. Errors: INVALID_OPTIONS and those of encoders. */
  search(request: SearchRequest): Promise<SearchAnswer>;
  /** An item as people look at it. Errors: UNKNOWN_ITEM, INVALID_OPTIONS. */
  view(request: z.input<typeof itemViewSchema>): Promise<ItemView>;
  /** A small WebP as a data: address; undefined where there is no picture that can be read. UNKNOWN_ITEM. */
  thumbnail(item: string): Promise<string | undefined>;
  /** Where an item stands among others. UNKNOWN_ITEM. */
  map(item: string): Promise<readonly MapPoint[]>;
  /** The vector and the neighbours of one new item. Errors: those of encoders. */
  embedItem(request: NewItemRequest): Promise<NewItemAnswer>;
  /**
   * Takes up what lies in the bundle's folder now; requests are answered by the old one until the new one is whole. Errors: those of
   * `loadBundle`, and BUNDLE_REFUSED beyond the limits.
   */
  reload(limits: z.input<typeof exchangeLimitsSchema>): Promise<Exchange>;
  /**
   * Lists by another bundle, with the same changes since: for experiments that compare bundles. It stays as it is at a reload. Errors:
   * those of `loadBundle`.
   */
  beside(folder: string): Promise<ListMaker>;
  /** Goes back to the bundle before the last change. BUNDLE_REFUSED where there is none. */
  rollback(): Promise<void>;
  /** Makes at once what first requests would wait for; the reasons of what failed. A reload does so before it switches. */
  warmUp(): Promise<readonly unknown[]>;
  /** How many items have their neighbours kept, and of how many; absent where none are. */
  neighbours(): { readonly filled: number; readonly rows: number } | undefined;
  /** Waits for the calls that run; later ones fail with INVALID_ARGUMENT. */
  close(): Promise<void>;
}

export interface NeighbourOptions {
  /** Neighbours that are kept of each item. */
  readonly depth: number;
  /** Told what ended their filling; lists are then searched for. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Loads and verifies the bundle in `folder`, made with `kinds` beside the built-in ones, and does again what the log holds. Errors: those
 * of `loadBundle` and `openLiveSession`.
 */
export async function openRecommender(
  folder: string,
  kinds: BundleKinds = {},
  log?: LiveOptions,
  neighbours?: NeighbourOptions,
): Promise<Recommender> {
  const openKept = async () => withNeighbours(await openBundle(folder, kinds), neighbours?.depth ?? 0);
  let base = await openKept();
  let previous: BundleSession | undefined;
  const kept = createKeptEncoders();
  const live = log && (await openLiveSession(base, { ...log, kept }));
  const now = () => live?.current() ?? base;
  const take = async (next: BundleSession): Promise<void> => {
    await live?.moveTo(next);
    previous = base;
    base = next;
  };
  const changes = createTurns();
  const embedderOf = (bundle: () => Bundle) =>
    embedTogether((items, context) => embedItemsFrom(bundle(), { items }, { ...context, kept }));
  const embedOne = embedderOf(() => now().bundle);
  const calls = createCalls();
  const filling =
    neighbours &&
    startFilling({ now: () => now().similar(), answered: calls.answered, onFailure: neighbours.onFailure });
  return {
    get bundle() {
      return base.bundle;
    },
    live,
    reload: (limits) =>
      changes(async () => {
        const next = await openKept();
        const parsed = parseOptions(exchangeLimitsSchema, limits, "reload");
        const exchange = await requireExchangeable(base, next, parsed, (id) => !now().hasItem(id));
        await warmUp(
          next,
          embedderOf(() => next.bundle),
        );
        await take(next);
        return exchange;
      }),
    rollback: () =>
      changes(async () => {
        if (previous === undefined) {
          throw new TailrecError("BUNDLE_REFUSED", "no earlier bundle is at hand; none was loaded since the start");
        }
        await take(previous);
      }),
    beside: (other) =>
      changes(async () => {
        const opened = await openBundle(other, kinds);
        await warmUp(
          opened,
          embedderOf(() => opened.bundle),
        );
        const its = live === undefined ? () => opened : await live.accompany(opened);
        return {
          recommendOrPopular: (request, context) => calls.run(() => recommendOrPopular(its(), request, context)),
          recommendBy: (model, request) => calls.run(() => listByPart(its(), model, request)),
        };
      }),
    similar: (request) => calls.run(() => answerSimilar(now(), request)),
    recommend: (request, context) => calls.run(() => answerRecommend(now(), request, context)),
    embed: (request, context) => calls.run(() => answerEmbed(now(), request, context)),
    explain: (a, b) => calls.run(() => answerExplain(now(), a, b)),
    similarOrPopular: (request) => calls.run(() => similarOrPopular(now(), request)),
    recommendOrPopular: (request, context) => calls.run(() => recommendOrPopular(now(), request, context)),
    recommendBy: (model, request) => calls.run(() => listByPart(now(), model, request)),
    rank: (request, context) => calls.run(() => answerRank(now(), request, context)),
    search: (request) => calls.run(() => answerSearch(now(), request, embedOne)),
    view: (request) => calls.run(() => viewItem(now(), request)),
    thumbnail: (item) => calls.run(() => itemThumbnail(now(), item)),
    map: (item) => calls.run(async () => mapAround(now(), item)),
    embedItem: (request) => calls.run(() => answerNewItem(now(), request, embedOne)),
    warmUp: () => calls.run(() => warmUp(now(), embedOne)),
    neighbours: () => {
      const table = now().similar().neighbours;
      return table && { filled: table.filled(), rows: table.rows };
    },
    close: async () => {
      filling?.close();
      await calls.close();
      await live?.close();
      await kept.close();
    },
  };
}

/** Work that waits for the work before it. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** The calls of one resource: counted, so that closing it can wait for them. */
function createCalls() {
  const running = new Set<Promise<unknown>>();
  let closed = false;
  let answered = 0;
  return {
    answered: () => answered,
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (closed) throw new TailrecError("INVALID_ARGUMENT", "the recommender is closed; open it again");
      const call = work();
      running.add(call);
      try {
        return await call;
      } finally {
        running.delete(call);
        answered++;
      }
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.allSettled(running);
    },
  };
}
