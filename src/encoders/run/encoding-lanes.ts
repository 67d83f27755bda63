/**
 * The worker threads of one encoder. The rule: one session a thread of its own, as many lanes as cores up to eight, the cores
 * divided evenly among them; every further lane would hold another copy of the weights. A lane has two batches at a time, so that
 * it prepares one while it runs the other and never waits for the main thread.
 */
import type { BatchEncoder, EncoderOpening } from "./encoder.ts";
import { startEncoderThread } from "./encoder-thread.ts";
import type { KeptEncoders } from "./kept-encoders.ts";

const MAXIMUM_LANES = 8;
const BATCHES_IN_FLIGHT = 2;

export interface LanePlan {
  readonly lanes: number;
  /** Threads of each lane's session. */
  readonly threads: number;
}

export function planLanes(cores: number): LanePlan {
  const lanes = Math.max(1, Math.min(cores, MAXIMUM_LANES));
  return { lanes, threads: Math.max(1, Math.floor(cores / lanes)) };
}

/**
 * Calls `work` for every batch that can be in flight, each with a way to its lane's encoder; the threads end with the last of
 * them, except of kept ones. An encoder starts when it is first asked for: a run that finds everything in the cache loads no model.
 */
export async function withLanes(
  opening: Pick<EncoderOpening, "manifest" | "files">,
  { lanes, threads }: LanePlan,
  work: (encoder: () => BatchEncoder) => Promise<void>,
  kept?: KeptEncoders,
): Promise<void> {
  if (kept !== undefined) return work(() => kept.encoderOf(opening));
  const inFlight = new SharedArrayBuffer(4);
  const started = new Map<number, BatchEncoder>();
  const encoderOf = (lane: number): BatchEncoder => {
    const encoder = started.get(lane) ?? startEncoderThread({ ...opening, threads, inFlight });
    started.set(lane, encoder);
    return encoder;
  };
  const slots = Array.from({ length: lanes * BATCHES_IN_FLIGHT }, (_, slot) => work(() => encoderOf(slot % lanes)));
  const results = await Promise.allSettled(slots);
  await Promise.all([...started.values()].map((encoder) => encoder.close()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
