/**
 * Top-k beside everything else: one worker thread with a kernel of one thread, of the lowest priority where the system has priorities
 * of threads (Linux). Jobs of the other kernel never wait behind it. Arrays in shared memory are read in place.
 */
import { createRequire } from "node:module";
import type { TopK, TopKRequest } from "../compute-backend.ts";
import { createWorkerPool } from "../reference/worker-pool.ts";
import { sharedFloat32, sharedInt32 } from "../shared-memory.ts";

export interface BackgroundSearch {
  /** One after the other. Errors: those of `topK`. */
  topK(request: TopKRequest): Promise<TopK>;
  /** Ends the thread, which holds what it was sent. */
  close(): void;
}

export interface BackgroundMessage {
  readonly request: TopKRequest;
  readonly found: TopK;
}

/** The thread starts with the first search, and keeps no process alive that has nothing else to do. */
export function startBackgroundSearch(): BackgroundSearch {
  const pool = createWorkerPool(createRequire(import.meta.url).resolve("#background-search"), 1);
  return {
    topK: async (request) => {
      const places = request.queries.rows * request.count;
      const found = { count: request.count, items: sharedInt32(places), scores: sharedFloat32(places) };
      await pool.run({ request, found } satisfies BackgroundMessage);
      return found;
    },
    close: pool.close,
  };
}
