/**
 * A split as files for any tool: `train.tsv` and `test.tsv` (user, item, weight, time) and `items.tsv` (every item that competes, with its
 * training support) by the data's own ids, and `manifest.json`: how the split was made, fingerprints of the data and of the files. For
 * similar items `truth.tsv` says what follows from test and training: how many users went from a query item to an item. Where items
 * are launched, `launched.tsv` names them.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { isDenied, readError } from "../../file-errors.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import { describeMismatch } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import type { FileContent } from "../files/atomic-write.ts";
import { ingest, ingestItems } from "../ingest/ingest.ts";
import { createInteractions, type Interactions, itemSupport } from "../interactions.ts";
import type { Split } from "./split.ts";

const FORMAT = 1;

const LAUNCHED = "launched.tsv";

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  dataset: z.string(),
  /** sha256 over the ids and interactions that were split. */
  fingerprint: z.string(),
  split: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** sha256 by file name. */
  files: z.record(z.string(), z.string()),
});

export type SplitManifest = z.output<typeof manifestSchema>;

export interface NamedSplit {
  readonly dataset: string;
  readonly fingerprint: string;
  readonly split: Split;
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** items x items, for similar items: counts of users. */
  readonly truth?: SparseMatrix;
  /** Rows of the items that are launched. */
  readonly launched?: Uint32Array;
}

/** The files of one split in `folder`. */
export function splitFiles(
  folder: string,
  { dataset, fingerprint, split, userIds, itemIds, truth, launched }: NamedSplit,
): FileContent[] {
  const support = itemSupport(split.train);
  const items = itemIds.map((id, row) => `${field(id)}\t${support[row]}\n`).join("");
  const texts: [string, string][] = [
    ["train.tsv", interactionLines(split.train, userIds, itemIds)],
    ["test.tsv", interactionLines(split.test, userIds, itemIds)],
    ["items.tsv", `item\tsupport\n${items}`],
    ...(truth === undefined ? [] : [["truth.tsv", truthLines(truth, itemIds)] satisfies [string, string]]),
    ...(launched === undefined ? [] : [[LAUNCHED, idLines(launched, itemIds)] satisfies [string, string]]),
  ];
  const files = Object.fromEntries(texts.map(([name, text]) => [name, digestOf(text)]));
  const manifest: SplitManifest = { format: FORMAT, dataset, fingerprint, split: { ...split.description }, files };
  return [...texts, ["manifest.json", `${JSON.stringify(manifest, null, 1)}\n`]].map(([name, text]) => [
    join(folder, name),
    text,
  ]);
}

function interactionLines(
  { rows, indptr, indices, values, times }: Interactions,
  userIds: readonly string[],
  itemIds: readonly string[],
): string {
  const lines = ["user\titem\tweight\ttime\n"];
  for (let user = 0; user < rows; user++) {
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      const time = times === undefined || Number.isNaN(times[p]) ? "" : times[p];
      lines.push(`${field(userIds[user])}\t${field(itemIds[indices[p]])}\t${values[p]}\t${time}\n`);
    }
  }
  return lines.join("");
}

function truthLines({ rows, indptr, indices, values }: SparseMatrix, itemIds: readonly string[]): string {
  const lines = ["query\titem\tusers\n"];
  for (let query = 0; query < rows; query++) {
    for (let p = indptr[query]; p < indptr[query + 1]; p++) {
      lines.push(`${field(itemIds[query])}\t${field(itemIds[indices[p]])}\t${values[p]}\n`);
    }
  }
  return lines.join("");
}

function idLines(rows: Uint32Array, itemIds: readonly string[]): string {
  return `item\n${Array.from(rows, (row) => `${field(itemIds[row])}\n`).join("")}`;
}

/** Quoted where it holds what would end it. */
function field(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function digestOf(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

export interface SavedSplit {
  readonly manifest: SplitManifest;
  readonly train: Interactions;
  readonly test: Interactions;
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** Rows of the items that are launched, ascending; absent where the split launches none. */
  readonly launched?: Uint32Array;
}

/** FILE_NOT_FOUND where there is no manifest, UNREADABLE_INPUT where a file is not as it was written. */
export async function readSplit(folder: string, context: RunContext = {}): Promise<SavedSplit> {
  const manifest = await readManifest(folder);
  const [train, test] = [await readSide(folder, "train.tsv", context), await readSide(folder, "test.tsv", context)];
  const itemIds = train.catalog.ids;
  const userIds = [...new Set([...train.userIds, ...test.userIds])];
  const rowOf = new Map(userIds.map((id, row) => [id, row]));
  const widen = ({ interactions, userIds: own }: typeof train): Interactions => {
    const { indptr, indices, values, times } = interactions;
    const users = new Uint32Array(indices.length);
    for (const [u, id] of own.entries()) users.fill(rowOf.get(id) ?? 0, indptr[u], indptr[u + 1]);
    return createInteractions(userIds.length, itemIds.length, { users, items: indices, values, times });
  };
  const sides = { train: widen(train), test: widen(test) };
  return { manifest, ...sides, userIds, itemIds, ...(await readLaunched(folder, manifest, itemIds, context)) };
}

async function readLaunched(
  folder: string,
  { files }: SplitManifest,
  itemIds: readonly string[],
  context: RunContext,
): Promise<Pick<SavedSplit, "launched">> {
  if (!(LAUNCHED in files)) return {};
  const { catalog } = await ingestItems({ path: join(folder, LAUNCHED), columns: { id: "item" } }, context);
  const named = new Set(catalog.ids);
  return { launched: Uint32Array.from(itemIds.keys()).filter((row) => named.has(itemIds[row])) };
}

function readSide(folder: string, name: string, context: RunContext) {
  const columns = { user: "user", item: "item", weight: "weight", time: "time" };
  const interactions = { path: join(folder, name), columns, timeFormat: "order" as const };
  const items = { path: join(folder, "items.tsv"), columns: { id: "item" } };
  return ingest({ interactions, items, maximumRejectedShare: 0 }, { ...context, weighing: { unit: 1 } });
}

async function readManifest(folder: string): Promise<SplitManifest> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw isDenied(cause)
      ? readError(path, cause)
      : new TailrecError("FILE_NOT_FOUND", `${path}: expected a split that \`tailrec split\` wrote, found none`, {
          cause,
        });
  });
  const parsed = manifestSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw damaged(path, describeMismatch(parsed.error));
  for (const [name, digest] of Object.entries(parsed.data.files)) {
    const file = join(folder, name);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw readError(file, cause);
    });
    if (digestOf(bytes) !== digest) throw damaged(file, "its sha256 is not the manifest's");
  }
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(path: string, reason: string): TailrecError {
  return new TailrecError(
    "UNREADABLE_INPUT",
    `${path}: not as \`tailrec split\` wrote it (${reason}); write the split again`,
  );
}
