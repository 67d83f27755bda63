/**
 * `manifest.json` of a bundle: who wrote it, in which format version, length and sha256 of every other file, and whatever the
 * model wants to say about itself. Keys are sorted and the text carries its own checksum: the same content gives the same
 * bytes, and no byte can change unnoticed.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { z } from "zod";
import { TailrecError } from "../errors.ts";

export const MANIFEST_NAME = "manifest.json";
export const FORMAT = "tailrec-bundle";
/** 3: settings chosen together, lift in place of norm calibration. 2: regressors of several kinds. Both and 1 are read. */
export const FORMAT_VERSION = 3;

/** One level of folder only, so that no name can leave the bundle. */
export const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "expected a plain file name");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256");

const frameSchema = z.looseObject({
  format: z.literal(FORMAT),
  formatVersion: z.int().positive(),
  createdBy: z.string(),
  files: z.record(fileName, z.strictObject({ bytes: z.int().nonnegative(), sha256 })),
  checksum: sha256,
});

export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly createdBy: string;
  readonly files: Readonly<Record<string, FileRecord>>;
  /** The free part. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The manifest's text. Throws INVALID_ARGUMENT when the free part uses a key of the frame. */
export function writeManifest(content: Manifest["content"], files: Manifest["files"]): string {
  const taken = Object.keys(content).filter((key) => key in frameSchema.shape);
  if (taken.length > 0) {
    throw new TailrecError("INVALID_ARGUMENT", `a bundle's manifest keeps these keys for itself: ${taken.join(", ")}`);
  }
  return signed({ ...content, format: FORMAT, formatVersion: FORMAT_VERSION, createdBy: writerName(), files });
}

/** Throws BUNDLE_VERSION for a newer format, else BUNDLE_CORRUPT for whatever is not as `writeManifest` left it; `where` opens the message. */
export function readManifest(text: string, where: string): Manifest {
  const json = parseJson(text, where);
  requireKnownVersion(json, where);
  const frame = frameSchema.safeParse(json);
  if (!frame.success) {
    const [issue] = frame.error.issues;
    throw corrupt(where, `${issue.path.join(".")}: ${issue.message}`, frame.error);
  }
  const { format, formatVersion, createdBy, files, checksum, ...content } = frame.data;
  const expected = signed({ ...content, format, formatVersion, createdBy, files });
  if (text !== expected) throw corrupt(where, `its text does not have its checksum, ${checksum}: it was altered`);
  return { createdBy, files, content };
}

/** BUNDLE_CORRUPT with what to do about it. */
export function corrupt(where: string, detail: string, cause?: unknown): TailrecError {
  const remedy = 'make the bundle again with "tailrec run", or restore the folder from a copy';
  return new TailrecError("BUNDLE_CORRUPT", `${where}: ${detail}; ${remedy}`, { cause });
}

function requireKnownVersion(json: unknown, where: string): void {
  const parsed = z.object({ format: z.literal(FORMAT), formatVersion: z.int() }).safeParse(json);
  if (!parsed.success || parsed.data.formatVersion <= FORMAT_VERSION) return;
  throw new TailrecError(
    "BUNDLE_VERSION",
    `${where}: format version ${parsed.data.formatVersion}, this tailrec reads up to ${FORMAT_VERSION}; update tailrec`,
  );
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(where, "expected JSON", cause);
  }
}

/** The text with the sha256 of its unsigned form inside. */
function signed(manifest: Readonly<Record<string, unknown>>): string {
  const checksum = digest(sortedJson(manifest));
  return `${sortedJson({ ...manifest, checksum })}\n`;
}

/** JSON with the keys of every object in code-unit order. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sortedRecord(inner) : inner), 2);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortedRecord(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function digest(data: string): string {
  return createHash("sha256").update(data).digest("hex");
}

function writerName(): string {
  const { name, version } = createRequire(import.meta.url)("../../package.json") as { name: string; version: string };
  return `${name} ${version}`;
}
