/** Changes: events, items, users, by the log of the service. */
import { TailrecError } from "../../errors.ts";
import type { LiveSession } from "../../serving/live/live-session.ts";
import type { Metrics } from "../metrics.ts";
import type { Handlers } from "./handler.ts";
import type { ServedBundle } from "./list-handlers.ts";

type LiveNames = "events" | "putItem" | "deleteItem" | "availability" | "deleteUser";

export function liveHandlers(
  served: () => ServedBundle,
  metrics: Pick<Metrics, "countEvents">,
): Pick<Handlers, LiveNames> {
  const live = () => liveOf(served());
  return {
    events: async ({ events }, { requestId }) => {
      const { unknownItems, ...counted } = await live().count(events);
      metrics.countEvents(counted.accepted, counted.repeated);
      return { requestId, ...counted, unknownItems: [...unknownItems] };
    },
    putItem: async ({ id, ...content }, call) => {
      const caveats = await live().putItem(id, content, call);
      return { requestId: call.requestId, id, caveats: [...caveats] };
    },
    deleteItem: async ({ id }, { requestId }) => {
      await live().removeItem(id);
      return { requestId, id };
    },
    availability: async ({ id, available }, { requestId }) => {
      await live().setAvailable(id, available);
      return { requestId, id };
    },
    deleteUser: async ({ user }, { requestId }) => ({ requestId, erased: await live().forget(user) }),
  };
}

function liveOf({ recommender }: ServedBundle): LiveSession {
  if (recommender.live !== undefined) return recommender.live;
  throw new TailrecError("UNKNOWN_ADDRESS", "this service keeps no log; start it with --log FOLDER to send it changes");
}
