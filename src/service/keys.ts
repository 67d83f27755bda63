/**
 * Keys by their SHA-256: a file or the environment holds no key that works. Keys are long and random, so that a plain hash is enough.
 * The file is read again when it changes, so that a key can be given and taken while the service runs.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { describeMismatch } from "../options.ts";
import type { Scope } from "./contract/endpoint.ts";

const keySchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,100}$/, "expected letters, digits, dots, dashes"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 digits of a hexadecimal SHA-256"),
  scopes: z.array(z.enum(["read", "events", "admin"])).min(1),
});

const keysSchema = z.strictObject({ keys: z.array(keySchema).min(1) });

export interface Key {
  readonly name: string;
  readonly scopes: readonly Exclude<Scope, "open">[];
}

export interface KeyRing {
  /** The key that a caller sent; undefined for one that is not on the ring. */
  find(token: string): Key | undefined;
  /** Reads the file again where it changed; a file that does not parse leaves the ring as it is. INVALID_OPTIONS. */
  refresh(): Promise<void>;
}

export interface KeySources {
  /** JSON: {"keys": [{"name", "sha256", "scopes"}]}. */
  readonly file?: string;
  /** The same as text, from the environment. */
  readonly text?: string;
}

/** Undefined where neither a file nor a text is named. INVALID_OPTIONS, FILE_NOT_FOUND. */
export async function openKeyRing({ file, text }: KeySources): Promise<KeyRing | undefined> {
  if (file === undefined && text === undefined) return undefined;
  const fixed = text === undefined ? new Map<string, Key>() : readKeys(text, "TAILREC_KEYS");
  let ring = fixed;
  let mark = "";
  const refresh = async (): Promise<void> => {
    if (file === undefined) return;
    const { mtimeMs, size } = await stat(file).catch((cause: unknown) => {
      throw new TailrecError("FILE_NOT_FOUND", `the key file ${file} cannot be read`, { cause });
    });
    if (mark === `${mtimeMs} ${size}`) return;
    ring = new Map([...fixed, ...readKeys(await readFile(file, "utf8"), file)]);
    mark = `${mtimeMs} ${size}`;
  };
  await refresh();
  return { refresh, find: (token) => ring.get(createHash("sha256").update(token).digest("hex")) };
}

function readKeys(text: string, where: string): Map<string, Key> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new TailrecError("INVALID_OPTIONS", `${where}: expected JSON with a list "keys"`, { cause });
  }
  const parsed = keysSchema.safeParse(document);
  if (!parsed.success) throw new TailrecError("INVALID_OPTIONS", `${where}: ${describeMismatch(parsed.error)}`);
  return new Map(parsed.data.keys.map(({ sha256, ...key }) => [sha256, key]));
}

/** INVALID_OPTIONS for a service that others can reach and that asks for no key. */
export function requireKeys(host: string, ring: KeyRing | undefined): void {
  if (ring !== undefined || isLoopback(host)) return;
  const remedy = "name a key file with --keys, or listen at 127.0.0.1";
  throw new TailrecError("INVALID_OPTIONS", `a service at ${host} is open to others and needs keys; ${remedy}`);
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
