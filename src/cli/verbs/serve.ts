/** `tailrec serve`: the bundle over HTTP until a signal ends it; requests in flight are answered first. */
import type { Command } from "commander";
import { createService } from "../../service/service.ts";
import { printOut } from "../terminal/standard-output.ts";
import { addVerb, bundleOption, defaultCacheFolder, parseCount, parsePositive, parseWhole } from "../verb.ts";

interface ServeOptions {
  readonly bundle: string;
  readonly host: string;
  readonly port: number;
  readonly cache: string;
  readonly log?: string;
  readonly keptDays?: number;
  readonly keys?: string;
  readonly experiment?: string;
  readonly neighbours: number;
  readonly requestsPerMinute: number;
  readonly addressRequestsPerMinute: number;
  readonly trustedProxies: readonly string[];
  readonly origin?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addServe(program: Command, signal: AbortSignal): void {
  addVerb(program, "serve", "Answer over HTTP: similar items, lists for people, vectors of new items.", [
    "tailrec serve --bundle out/shop/bundle",
    "tailrec serve --bundle out/shop/bundle --log out/shop/log",
    "tailrec serve --bundle out/shop/bundle --host 0.0.0.0 --port 80 --keys keys.json",
  ])
    .addOption(bundleOption())
    .option("--host <address>", "address to listen at", "127.0.0.1")
    .option("--port <number>", "port to listen at; 0 takes any that is free", parseWhole, 8080)
    .option(
      "--log <folder>",
      "keep events and changes of items there, and count them at once; nothing changes without it",
    )
    .option("--kept-days <number>", "days after which events leave the log; never when absent", parsePositive)
    .option("--experiment <file>", "JSON file of the running experiment")
    .option("--keys <file>", "keys that callers need; TAILREC_KEYS holds the same as text")
    .option("--neighbours <number>", "neighbours kept of each item; 0 keeps none", parseWhole, 32)
    .option("--requests-per-minute <number>", "of one key", parseCount, 60_000)
    .option("--address-requests-per-minute <number>", "of one address, whatever keys it sends", parseCount, 60_000)
    .option("--trusted-proxies <addresses...>", "proxies whose X-Forwarded-For says who asks", [])
    .option("--origin <urls...>", "web pages that may ask from a browser")
    .option("--cache <folder>", "where encoder outputs are kept", defaultCacheFolder)
    .action(async ({ cache, quiet, json: _, origin = [], trustedProxies, ...options }: ServeOptions) => {
      const onLine = quiet ? undefined : (line: object) => printOut(`${JSON.stringify(line)}\n`);
      const onFailure = (error: unknown) =>
        printOut(`${JSON.stringify({ failure: error instanceof Error ? error.message : String(error) })}\n`);
      const asked = { ...options, origins: [...origin], trustedProxies: [...trustedProxies], cacheFolder: cache };
      const service = await createService(asked, { onLine, onFailure, keys: process.env.TAILREC_KEYS });
      printOut(`${JSON.stringify({ listening: await service.listen(), bundle: options.bundle })}\n`);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await service.close();
    });
}
