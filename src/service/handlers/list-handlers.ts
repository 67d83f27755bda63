/** Lists: similar items, lists for people, a given list in order, several at once. */
import type { Recommender } from "../../serving/recommender.ts";
import type { LenientList } from "../../serving/requests/lenient-lists.ts";
import type { Experiment } from "../../traffic/experiment.ts";
import type { ListAnswer } from "../contract/answers.ts";
import type { AnswerOf, ParsedRequestOf } from "../contract/contract.ts";
import { experimentList, type MakerOf } from "./experiment-lists.ts";
import type { Call, Handlers } from "./handler.ts";

type ListNames = "similar" | "itemSimilar" | "recommend" | "userRecommendations" | "rank" | "batch";

/** A list that was given to a user. */
export interface GivenList {
  readonly answer: ListAnswer;
  readonly user: string;
  readonly experiment?: string;
  /** From the request to its list. */
  readonly milliseconds: number;
  /** Whose pick each item is, where two variants share the list. */
  readonly teams?: readonly ("a" | "b")[];
}

export interface ListTraffic {
  readonly experiment?: Experiment;
  readonly makerOf: MakerOf;
  readonly onList: (given: GivenList) => void;
}

/** `served` gives the recommender that answers now, with its name. */
export function listHandlers(served: () => ServedBundle, traffic: ListTraffic): Pick<Handlers, ListNames> {
  const similar = (request: ParsedRequestOf<"similar">, call: Call) => similarList(served(), request, call);
  const recommend = (request: ParsedRequestOf<"recommend">, call: Call) =>
    recommendedList(served(), request, call, traffic);
  return {
    similar,
    recommend,
    itemSimilar: ({ item, count }, call) => similar({ item, count, strict: true, include: [] }, call),
    userRecommendations: ({ user, count }, call) =>
      recommend({ user, count, newPlaces: 0, strict: true, include: [] }, call),
    rank: (request, call) => rankedList(served(), request, call),
    batch: async ({ widgets }, call) => ({
      requestId: call.requestId,
      lists: await Promise.all(
        widgets.map(({ kind, ...request }, place) => {
          const own = { ...call, requestId: `${call.requestId}.${place}` };
          return "item" in request ? similar(request, own) : recommend(request, own);
        }),
      ),
    }),
  };
}

export interface ServedBundle {
  readonly name: string;
  readonly recommender: Recommender;
}

async function similarList(
  { name, recommender }: ServedBundle,
  { include, ...request }: ParsedRequestOf<"similar">,
  call: Call,
): Promise<ListAnswer> {
  const answer = listAnswer(name, await recommender.similarOrPopular(request), call);
  return answer.by === "similar" && include.includes("reason")
    ? withReasons(recommender, answer, request.item)
    : answer;
}

/** For a user the variant of the running experiment decides, and the list is kept for reports. */
async function recommendedList(
  { name, recommender }: ServedBundle,
  { include, ...request }: ParsedRequestOf<"recommend">,
  call: Call,
  { experiment, makerOf, onList }: ListTraffic,
): Promise<ListAnswer> {
  const { user } = request;
  const made =
    experiment !== undefined && user !== undefined
      ? await experimentList(makerOf, experiment, { ...request, user }, call)
      : { list: await recommender.recommendOrPopular(request, call), bundle: name };
  const plain = { ...listAnswer(made.bundle, made.list, call), variant: made.variant ?? null };
  const latest = request.items?.findLast((id) => !plain.unknown.items.includes(id));
  const isExplained = latest !== undefined && include.includes("reason");
  const answer = isExplained ? await withReasons(recommender, plain, latest) : plain;
  if (user !== undefined) {
    onList({ answer, user, teams: made.teams, experiment: experiment?.name, milliseconds: call.elapsed() });
  }
  return answer;
}

function listAnswer(bundle: string, { list, by, unknown, reason }: LenientList, { requestId }: Call): ListAnswer {
  return {
    requestId,
    bundle,
    variant: null,
    by,
    items: [...list],
    unknown: { items: [...unknown.items], users: [...unknown.users] },
    ...(reason !== undefined && { note: reason }),
  };
}

/** Every item with why it is near to `item`. */
async function withReasons(recommender: Recommender, answer: ListAnswer, item: string): Promise<ListAnswer> {
  const explained = answer.items.map(async (listed) => {
    const { explanation } = await recommender.explain(item, listed.id);
    return { ...listed, reason: explanation.sentence };
  });
  return { ...answer, items: await Promise.all(explained) };
}

async function rankedList(
  { name, recommender }: ServedBundle,
  request: ParsedRequestOf<"rank">,
  call: Call,
): Promise<AnswerOf<"rank">> {
  const { ranked, unknown, by = "hybrid" } = await recommender.rank(request, call);
  return { requestId: call.requestId, bundle: name, by, items: [...ranked], unknown: [...unknown] };
}
