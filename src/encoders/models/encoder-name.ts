/**
 * What pipelines call an encoder: a name of `models/`, or the path of a manifest. Or a folder in the layout of Transformers.js, or a
 * repository of the hub in that layout: `owner/name`, or `owner/name@commit`. These two may end in `#dtype`, which says which weights.
 */
import { isAbsolute, resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import { type Dtype, dtypes, isDtype } from "./transformers-layout.ts";

export type EncoderName =
  | { readonly kind: "listed"; readonly name: string }
  | { readonly kind: "manifest"; readonly path: string }
  | { readonly kind: "folder"; readonly path: string; readonly dtype: Dtype | null }
  | RepositoryName;

export interface RepositoryName {
  readonly kind: "repository";
  readonly repository: string;
  /** The commit; null for the one of the first pull. */
  readonly revision: string | null;
  readonly dtype: Dtype | null;
}

const REPOSITORY = /^(?<repository>[\w-][\w.-]*\/[\w-][\w.-]*)(?:@(?<revision>[0-9a-f]{40}))?$/;

/** Reads a name; relative paths start from `base`. INVALID_OPTIONS when its dtype is none, or stands where no weights are to choose from. */
export function readEncoderName(encoder: string, base: string): EncoderName {
  const [place, given] = partsOf(encoder);
  const dtype = given === undefined ? null : readDtype(encoder, given);
  const { repository, revision = null } = REPOSITORY.exec(place)?.groups ?? {};
  if (isPath(place) && !place.endsWith(".json")) return { kind: "folder", path: resolve(base, place), dtype };
  if (repository !== undefined && !place.endsWith(".json")) {
    return { kind: "repository", repository, revision, dtype };
  }
  if (dtype !== null) {
    throw new TailrecError(
      "INVALID_OPTIONS",
      `encoder "${place}": dtype ${dtype} chooses among the weights of a folder or of a repository of the hub, and a manifest names its own; leave dtype out`,
    );
  }
  return place.endsWith(".json") ? { kind: "manifest", path: resolve(base, place) } : { kind: "listed", name: place };
}

/** The name with its path made absolute: it must mean the same from wherever a bundle is used. */
export function locateEncoder(encoder: string, base: string): string {
  const [place, dtype] = partsOf(encoder);
  const isManifest = place.endsWith(".json");
  return isPath(place) || isManifest ? withDtype(resolve(base, place), dtype) : encoder;
}

/** The name of an encoder with these weights. */
export function withDtype(encoder: string, dtype: string | undefined): string {
  return dtype === undefined ? encoder : `${encoder}#${dtype}`;
}

function partsOf(encoder: string): readonly [place: string, dtype: string | undefined] {
  const [, place, dtype] = /^(.+)#(\w+)$/.exec(encoder) ?? [];
  return place === undefined ? [encoder, undefined] : [place, dtype];
}

function isPath(place: string): boolean {
  return /^\.{1,2}([\\/]|$)/.test(place) || isAbsolute(place);
}

function readDtype(encoder: string, dtype: string): Dtype {
  if (isDtype(dtype)) return dtype;
  throw new TailrecError(
    "INVALID_OPTIONS",
    `encoder "${encoder}": no dtype "${dtype}"; there are ${dtypes.join(", ")}`,
  );
}
