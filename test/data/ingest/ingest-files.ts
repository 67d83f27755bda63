/** Files for the ingest tests, in a folder that goes away after the test file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Ingested, ingest } from "../../../src/data/ingest/ingest.ts";
import type { IngestOptions } from "../../../src/data/ingest/ingest-options.ts";
import { TailrecError } from "../../../src/errors.ts";

/** A function that writes files by name and gives the folder. */
export function temporaryFiles(): (files: Record<string, string | Buffer>) => string {
  const root = mkdtempSync(join(tmpdir(), "tailrec-test-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return (files) => {
    const folder = mkdtempSync(join(root, "case-"));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return folder;
  };
}

/** Ten items a..j, each titled by its id in capitals. */
export const TEN_ITEMS = `item_id,title\n${[..."abcdefghij"].map((id) => `${id},${id.toUpperCase()}\n`).join("")}`;

type Part<T> = { [K in keyof T]?: T[K] };
export interface Changes {
  readonly interactions?: Part<IngestOptions["interactions"]>;
  readonly items?: Part<IngestOptions["items"]>;
  readonly maximumRejectedShare?: number;
}

/** Ingests events.csv and items.csv of a folder, rejects allowed, unless `changes` say otherwise. */
export function ingestFolder(folder: string, changes: Changes = {}): Promise<Ingested> {
  const { interactions, items, maximumRejectedShare = 1 } = changes;
  const options = {
    interactions: { path: "events.csv", ...interactions },
    items: { path: "items.csv", ...items },
    maximumRejectedShare,
  };
  return ingest(options, { folder });
}

/** The matrix as "user item" -> value. */
export function pairsOf({ interactions, userIds, catalog }: Ingested): Record<string, number> {
  const pairs: Record<string, number> = {};
  for (let u = 0; u < interactions.rows; u++) {
    for (let p = interactions.indptr[u]; p < interactions.indptr[u + 1]; p++) {
      pairs[`${userIds[u]} ${catalog.ids[interactions.indices[p]]}`] = interactions.values[p];
    }
  }
  return pairs;
}

/** The TailrecError that a promise ends in. */
export async function errorOf(promise: Promise<unknown>): Promise<TailrecError> {
  const outcome = await promise.then(
    () => new Error("expected a TailrecError, nothing was thrown"),
    (error: unknown) => error,
  );
  if (outcome instanceof TailrecError) return outcome;
  throw outcome;
}
