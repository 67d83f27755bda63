/** Options of the service: where it listens, what it serves, and its limits. */
import { z } from "zod";

export const serviceOptionsSchema = z.strictObject({
  bundle: z.string().min(1).describe("bundle that `tailrec run` wrote"),
  host: z.string().default("127.0.0.1").describe("address to listen at"),
  port: z.int().min(0).max(65_535).default(8080).describe("port to listen at; 0 takes any that is free"),
  log: z.string().min(1).optional().describe("folder of the log of events and changes; without it nothing changes"),
  keptDays: z.number().positive().optional().describe("days after which events leave the log; never when absent"),
  neighbours: z
    .int()
    .min(0)
    .max(256)
    .default(32)
    .describe("neighbours kept of each item, filled beside everything else; 0 keeps none"),
  cacheFolder: z.string().optional().describe("where encoder outputs are kept; nowhere when absent"),
  experiment: z.string().min(1).optional().describe("JSON file of the running experiment"),
  keys: z.string().min(1).optional().describe("file of keys; without one the service answers this machine alone"),
  requestsPerMinute: z.int().positive().default(60_000).describe("of one key"),
  addressRequestsPerMinute: z.int().positive().default(60_000).describe("of one address, whatever keys it sends"),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "expected an address or a network such as 10.0.0.0/8"))
    .default([])
    .describe("proxies whose X-Forwarded-For says who asks"),
  origins: z.array(z.url()).default([]).describe("origins of web pages that may ask from a browser (CORS)"),
  bodyLimit: z.int().positive().default(15_000_000).describe("largest body with a picture in bytes; others 1 MB"),
  requestTimeoutSeconds: z.number().positive().default(30).describe("time for a request to arrive"),
});

export type ServiceOptions = z.input<typeof serviceOptionsSchema>;
export type ParsedServiceOptions = z.output<typeof serviceOptionsSchema>;
