/**
 * How often one address and one key may ask. Both hold: a key that leaks does not open the door wider than its own limit, and whoever
 * tries keys is stopped by address. Addresses of one IPv6 network of 64 bits are one.
 */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TailrecError } from "../errors.ts";

export interface RateLimits {
  /** Of one key, whatever addresses it comes from. */
  readonly requestsPerMinute: number;
  /** Of one address, whatever keys it sends. */
  readonly addressRequestsPerMinute: number;
}

/** Counts the request, and throws TOO_MANY_REQUESTS beyond the limit; the answer's headers say what is left. */
type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const MINUTE_MS = 60_000;

export async function createRateLimits(
  app: FastifyInstance,
  { requestsPerMinute, addressRequestsPerMinute }: RateLimits,
): Promise<Readonly<Record<"ofAddress" | "ofKey", Limit>>> {
  await app.register(rateLimit, { global: false, timeWindow: MINUTE_MS });
  const limit = (whose: string, check: ReturnType<FastifyInstance["createRateLimit"]>): Limit => {
    return async (request, reply) => {
      const rate = await check(request);
      if (rate.isAllowed) return;
      const { max, remaining, ttlInSeconds } = rate;
      const left = { "x-ratelimit-limit": max, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": ttlInSeconds };
      reply.headers(left);
      if (!rate.isExceeded) return;
      reply.header("retry-after", ttlInSeconds);
      const message = `more than ${max} requests a minute of one ${whose}; ask again in ${ttlInSeconds} s`;
      throw new TailrecError("TOO_MANY_REQUESTS", message);
    };
  };
  return {
    ofAddress: limit("address", app.createRateLimit({ max: addressRequestsPerMinute })),
    ofKey: limit("key", app.createRateLimit({ max: requestsPerMinute, keyGenerator: ({ caller }) => caller })),
  };
}
