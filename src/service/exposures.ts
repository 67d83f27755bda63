/** Lists that were given to users, on their way to the log: what reports of experiments and monitoring are made from. */
import type { LiveSession } from "../serving/live/live-session.ts";
import { type Exposure, TAIL_SUPPORT } from "../traffic/exposure.ts";
import type { GivenList } from "./handlers/list-handlers.ts";

/** Nobody waits for the disk: a crash may lose the last exposures, and never an event. */
export function logExposure(
  live: LiveSession,
  { answer, user, teams, experiment, milliseconds }: GivenList,
  onFailure: (error: unknown) => void,
): void {
  const exposure: Exposure = {
    requestId: answer.requestId,
    user,
    time: new Date().toISOString(),
    bundle: answer.bundle,
    by: answer.by,
    ...(experiment !== undefined && { experiment }),
    ...(answer.variant !== null && { variant: answer.variant }),
    ...(teams !== undefined && { teams: [...teams] }),
    items: answer.items.map(({ id }) => id),
    tail: answer.items.filter(({ support }) => support <= TAIL_SUPPORT).length,
    fresh: answer.items.filter(({ support }) => support === 0).length,
    unknown: answer.unknown.items.length + answer.unknown.users.length,
    milliseconds: Math.round(1000 * milliseconds) / 1000,
  };
  live.expose(exposure).catch(onFailure);
}
