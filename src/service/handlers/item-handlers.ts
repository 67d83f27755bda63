/** Items: the vector of a new one, why two are near, search. */
import type { Handlers } from "./handler.ts";
import type { ServedBundle } from "./list-handlers.ts";

export function itemHandlers(
  served: () => ServedBundle,
): Pick<Handlers, "item" | "picture" | "map" | "embed" | "explain" | "search"> {
  return {
    item: async (request, { requestId }) => {
      const { item, description, hasPicture, attributes, lists, advice } = await served().recommender.view(request);
      const { before, content, after } = lists;
      const copied = { before: [...before], content: [...content], after: [...after] };
      return { requestId, item, description, hasPicture, attributes: { ...attributes }, lists: copied, advice };
    },
    picture: async ({ item }, { requestId }) => {
      return { requestId, picture: (await served().recommender.thumbnail(item)) ?? null };
    },
    map: async ({ item }, { requestId }) => ({ requestId, points: [...(await served().recommender.map(item))] }),
    embed: async ({ count, dimensions, ...content }, { requestId }) => {
      const { name, recommender } = served();
      const item = { id: "new", ...content };
      const answer = await recommender.embedItem({ item, count, dimensions });
      const { vector, uncertainty, caveats, neighbours } = answer;
      return {
        requestId,
        bundle: name,
        vector: Array.from(vector),
        uncertainty,
        caveats: [...caveats],
        neighbours: [...neighbours],
      };
    },
    explain: async ({ a, b }, { requestId }) => {
      const { items, explanation } = await served().recommender.explain(a, b);
      const { lines, likeness } = explanation;
      return { requestId, items: [...items], lines: [...lines], likeness: { ...likeness } };
    },
    search: async ({ q, count, meaning }, { requestId }) => {
      const request = { text: q, count, meaning: meaning === "true" };
      const { found } = await served().recommender.search(request);
      return { requestId, items: [...found] };
    },
  };
}
