/** Whole inputs of every format that is read, to be damaged: small, and with what real files have in them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { root } from "../cli/tailrec.ts";
import { type Row, separated, writeParquet } from "../helpers/row-files.ts";
import type { InputRequest } from "./input-request.ts";

export interface WholeInput {
  readonly role: InputRequest["role"];
  /** Of the file; its ending tells the format. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `folder` is for temporaries. */
export async function wholeInputs(folder: string): Promise<WholeInput[]> {
  return [...(await tables(folder)), ...(await pipelines()), ...(await pictures())];
}

const ITEMS = Array.from({ length: 12 }, (_, i) => ({
  item_id: `i${i}`,
  title: `Café "${["Zürich", "a, b", "größe", "🎈 party", "line\nbreak"][i % 5]}" ${i}`,
  brand: ["one", "two; three", ""][i % 3],
  price: [12.99, 5, 1250.5][i % 3],
}));

const EVENTS = Array.from({ length: 40 }, (_, n) => ({
  user_id: `u${n % 7}`,
  item_id: `i${(5 * n) % 12}`,
  weight: 1 + (n % 3),
  time: 1_700_000_000 + 86_400 * n,
}));

async function tables(folder: string): Promise<WholeInput[]> {
  const written = (["items", "events"] as const).map(async (role) => {
    const rows: readonly Row[] = role === "items" ? ITEMS : EVENTS;
    const lines = rows.map((row) => JSON.stringify(row));
    const texts: [string, string][] = [
      ["csv", separated(rows, ",")],
      ["tsv", separated(rows, "\t")],
      ["csv", `\ufeffsep=;\r\n${separated(rows, ";")}`],
      ["jsonl", `${lines.join("\n")}\n`],
      ["json", `[\n${lines.join(",\n")}\n]`],
    ];
    const plain = texts.map(([ending, text]) => ({ role, name: `${role}.${ending}`, bytes: Buffer.from(text) }));
    const packed = plain.map(({ name, bytes }) => ({ role, name: `${name}.gz`, bytes: gzipSync(bytes) }));
    return [...plain, ...packed, await parquet(role, rows, folder)];
  });
  return (await Promise.all(written)).flat();
}

async function parquet(role: "items" | "events", rows: readonly Row[], folder: string): Promise<WholeInput> {
  const path = join(folder, `${role}.parquet`);
  await writeParquet(path, rows);
  return { role, name: `${role}.parquet`, bytes: await readFile(path) };
}

async function pipelines(): Promise<WholeInput[]> {
  const folder = join(root, "pipelines");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml"));
  return Promise.all(
    names.map(async (name) => ({ role: "pipeline" as const, name, bytes: await readFile(join(folder, name)) })),
  );
}

async function pictures(): Promise<WholeInput[]> {
  const pixels = sharp({ create: { width: 60, height: 40, channels: 4, background: "#48a" } });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="30" height="20"/></svg>';
  const encoded = await Promise.all(
    (["png", "jpeg", "webp", "gif", "tiff", "avif"] as const).map(async (format) => ({
      name: `picture.${format}`,
      bytes: await pixels.clone().toFormat(format).toBuffer(),
    })),
  );
  return [...encoded, { name: "picture.svg", bytes: Buffer.from(svg) }].map((picture) => ({
    role: "picture",
    ...picture,
  }));
}
