/** Items: the vector of a new one, why two are near, search. */
import type { Handlers } from "./handler.ts";
import type { ServedBundle } from "./list-handlers.ts";

export function itemHandlers(
  served: () => ServedBundle,
  cacheFolder: string | undefined,
): Pick<Handlers, "embed" | "explain" | "search"> {
  return {
    embed: async ({ count, dimensions, ...content }, call) => {
      const { name, recommender } = served();
      const item = { id: "new", ...content };
      const answer = await recommender.embedItem({ item, count, dimensions, cacheFolder }, call);
      const { vector, uncertainty, caveats, neighbours } = answer;
      return {
        requestId: call.requestId,
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
    search: async ({ q, count, meaning }, call) => {
      const request = { text: q, count, meaning: meaning === "true", cacheFolder };
      const { found } = await served().recommender.search(request, call);
      return { requestId: call.requestId, items: [...found] };
    },
  };
}
