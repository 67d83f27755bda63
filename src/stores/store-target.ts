/**
 * Where a store is: its address, the name of the collection, and the secret, which comes from the environment or a file and is in no
 * address, message or log.
 */
import { readFile } from "node:fs/promises";
import { TailrecError } from "../errors.ts";
import { excerpt } from "../excerpt.ts";
import { readError } from "../file-errors.ts";

export interface StoreTarget {
  /** The address as given; it holds no secret. */
  readonly url: string;
  /** What follows the scheme and its colon. */
  readonly rest: string;
  readonly collection: string;
  /** Password or key; undefined where none is needed. */
  readonly secret?: string;
  /** A call that takes longer has failed. */
  readonly timeoutMs: number;
}

export interface TargetOptions {
  readonly collection?: string;
  /** File with the secret on its first line. */
  readonly secretFile?: string;
  readonly timeoutMs?: number;
}

/** Environment variables: the secret itself, and the file that holds it. */
export const SECRET = "TAILREC_STORE_SECRET";
export const SECRET_FILE = "TAILREC_STORE_SECRET_FILE";

const TIMEOUT_MS = 30_000;

/** What stands between a colon and an "@", and is no port with a path behind it. */
const PASSWORD = /^\/\/[^/@]*:(?!\d{1,5}(?:[/?]|$))[^@]*@|^\/\/[^/@]*:[^/@]*@/;

/** INVALID_ARGUMENT for a secret in the address, an address without a place, or a name that stores do not take; as `readFile` for the file of the secret. */
export async function storeTarget(
  url: string,
  { collection = "tailrec_items", secretFile, timeoutMs = TIMEOUT_MS }: TargetOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<StoreTarget> {
  const rest = url.slice(url.indexOf(":") + 1);
  if (PASSWORD.test(rest) || /[?&](password|api[-_]?key|token|secret)=/i.test(rest)) {
    const remedy = `leave it out and set ${SECRET}, or name a file by --secret-file`;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `the address of the store holds a secret, which others can read; ${remedy}`,
    );
  }
  if (/^\/*$/.test(rest) || (rest.startsWith("//") && !URL.canParse(`store:${rest}`))) {
    const message =
      "expected the place of the store after the scheme, such as sqlite:items.db or qdrant://localhost:6333";
    throw new TailrecError("INVALID_ARGUMENT", `${message}; received "${excerpt(url)}"`);
  }
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(collection)) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected a collection named by small letters, digits and "_", received "${collection}"`,
    );
  }
  const secret = await readSecret(secretFile ?? environment[SECRET_FILE], environment[SECRET]);
  return { url, rest, collection, timeoutMs, ...(secret !== undefined && { secret }) };
}

async function readSecret(file: string | undefined, given: string | undefined): Promise<string | undefined> {
  if (file === undefined) return given;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw readError(`secret ${file}`, cause);
  });
  return text.split(/\r?\n/, 1)[0];
}
