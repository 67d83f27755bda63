/** Small catalogs, pictures and manifests for the tests of the feature stage. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { Attribute, Catalog } from "../../src/data/catalog.ts";
import { loadManifest, loadManifestFor } from "../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../src/encoders/models/model-files.ts";
import type { EncodedCatalog } from "../../src/features/encode-catalog.ts";

export const repository = join(import.meta.dirname, "../..");

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "tailrec-features-"));
}

export interface CatalogParts {
  readonly titles: readonly string[];
  readonly descriptions?: readonly string[];
  readonly images?: readonly (string | null)[];
  readonly attributes?: readonly Attribute[];
}

export function catalogOf({ titles, descriptions, images, attributes }: CatalogParts): Catalog {
  return {
    ids: titles.map((_, row) => `item-${row}`),
    titles,
    descriptions: descriptions ?? titles.map(() => ""),
    images: images ?? titles.map(() => null),
    attributes: attributes ?? [],
  };
}

export const nothingEncoded: EncodedCatalog = { text: null, image: null, quarantine: [] };

/** The encoders that come with the package. */
export const builtInNames = { text: "tailrec-text-small", image: "tailrec-image-small" } as const;

/** What the built-in encoder of a task is opened with. */
export async function builtIn<T extends "text" | "image">(task: T) {
  const located = await loadManifestFor(task, builtInNames[task], repository);
  return { manifest: located.manifest, files: await verifiedModelFiles(located), threads: 1 };
}

/** A manifest file like that of a built-in encoder but for `changes`; gives its path. */
export async function alteredManifest(encoder: string, changes: Record<string, unknown>): Promise<string> {
  const { manifest, folder } = await loadManifest(encoder, repository);
  const source = { kind: "file", folder: join(folder, encoder) };
  const path = join(temporaryFolder(), "altered.json");
  writeFileSync(path, JSON.stringify({ ...manifest, source, ...changes }));
  return path;
}

/** A picture with four corners of different colours, so that turning and cropping show. */
export function cornerPicture(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  const colours = [
    [220, 30, 30],
    [30, 200, 40],
    [40, 50, 210],
    [230, 220, 60],
  ];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = (y * 2 < height ? 0 : 2) + (x * 2 < width ? 0 : 1);
      pixels.set(colours[corner], (y * width + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Writes files into a new folder; gives their paths by name. */
export function filesIn(contents: Readonly<Record<string, Uint8Array | string>>): Record<string, string> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const written = Object.entries(contents).map(([name, bytes]) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return [name, path];
  });
  return Object.fromEntries(written);
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let j = 0; j < a.length; j++) {
    ab += a[j] * b[j];
    aa += a[j] * a[j];
    bb += b[j] * b[j];
  }
  return ab / Math.sqrt(aa * bb);
}
