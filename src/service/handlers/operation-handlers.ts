/** The service itself: what it serves, and whether it may be asked. */
import type { Handlers } from "./handler.ts";
import type { ServedBundle } from "./list-handlers.ts";

export function operationHandlers(served: () => ServedBundle): Pick<Handlers, "model" | "reload" | "live" | "ready"> {
  return {
    model: async () => {
      const { name, recommender } = served();
      const { manifest, catalog, userIds, model } = recommender.bundle;
      const { dataset, fingerprint, encoderDigests, tailDefault, metrics } = manifest;
      return {
        bundle: name,
        dataset,
        fingerprint,
        items: catalog.ids.length,
        users: userIds.length,
        dimensions: model.embeddings.vectors.columns,
        tail: tailDefault,
        encoders: { ...encoderDigests },
        metrics: [...metrics],
      };
    },
    reload: async ({ rollback, ...limits }) => {
      const { recommender } = served();
      const exchange = rollback ? await recommender.rollback() : await recommender.reload(limits);
      const { fingerprint } = recommender.bundle.manifest;
      return { fingerprint, churn: exchange?.churn ?? null, lost: exchange?.lost ?? null };
    },
    live: async () => ({ status: "live" }),
    ready: async () => ({ status: "ready" }),
  };
}
