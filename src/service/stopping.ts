/**
 * A stop in which no request in flight is lost: new ones are refused, those that run are waited for, then every connection is
 * closed, those too that never asked anything.
 */
import type { FastifyInstance } from "fastify";

/** Longer than any answer takes; a client that reads nothing must not hold a stop for ever. */
const PATIENCE_MS = 5000;

export interface Stopping {
  isStopping(): boolean;
  /** Requests in flight. */
  running(): number;
  stop(): Promise<void>;
}

export function createStopping(): Stopping & { watch(app: FastifyInstance): void } {
  let stopping = false;
  let running = 0;
  let watched: FastifyInstance | undefined;
  let onQuiet: (() => void) | undefined;
  const watch = (app: FastifyInstance): void => {
    watched = app;
    app.addHook("onRequest", async (_, reply) => {
      running++;
      reply.raw.once("close", () => {
        running--;
        if (running === 0) onQuiet?.();
      });
    });
  };
  const quiet = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      onQuiet = () => {
        clearTimeout(timer);
        resolve();
      };
      if (running === 0) onQuiet();
    });
  const stop = async (): Promise<void> => {
    stopping = true;
    const closed = watched?.close();
    await quiet();
    watched?.server.closeAllConnections();
    await closed;
  };
  return { isStopping: () => stopping, running: () => running, stop, watch };
}
