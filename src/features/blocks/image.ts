/** The picture block: each item's picture, from a file or an allowed address, through a vision encoder. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import { pictureFault } from "../../encoders/image/picture.ts";
import { openPictureIndex, pictureIndexAddress } from "../../encoders/image/picture-index.ts";
import { pictureFingerprint } from "../../encoders/image/picture-preview.ts";
import { isWebAddress, type PictureAccess, readPicture } from "../../encoders/image/picture-source.ts";
import { presentRows } from "../../encoders/run/encoding-order.ts";
import type { EncodingContext } from "../encoding.ts";
import { encoderBlock, type OpenedInputs } from "./encoder-block.ts";
import { components, dtype, encoderOption, weight, whitening } from "./shared-options.ts";

const PICTURES_PER_BATCH = 8;

/** A picture of more bytes takes the place of several: batches wait in memory. */
const USUAL_BYTES = 8_000_000;

const range = z.string().refine((text) => ipaddr.isValidCIDR(text), "expected an address range such as 10.0.0.0/8");

const urlsSchema = z.strictObject({
  maximumBytes: z.int().positive().default(20_000_000).describe("larger pictures are left out"),
  timeoutSeconds: z.number().positive().default(10).describe("for the whole of one picture, redirects included"),
  allowedRanges: z
    .array(range)
    .default([])
    .describe("address ranges that may be fetched from though they are private, such as that of your own image server"),
});

const schema = z
  .strictObject({
    encoder: encoderOption("tailrec-image-small"),
    dtype,
    weight,
    components,
    whitening,
    urls: urlsSchema
      .nullable()
      .default(null)
      .describe("fetch pictures that are http(s) addresses, within these limits; null leaves them out"),
    rereadFiles: z
      .boolean()
      .default(false)
      .describe("read files that the cache knows by path, size and times all the same, to see whether they changed"),
  })
  .nullable()
  .default(null)
  .describe("vectors of the picture");

export type ImageOptions = NonNullable<z.output<typeof schema>>;

export const imageBlock = encoderBlock({
  task: "image",
  schema,
  words: { plural: "pictures", missing: () => "no picture" },
  inputs: imageInputs,
  hasInput: ({ images }, row, { urls }) => {
    const location = images[row] ?? "";
    return location !== "" && (urls !== null || !isWebAddress(location));
  },
  files: {
    noun: "picture",
    column: "image",
    locations: ({ images }) => images,
    fault: async (location, { imageRoot }, { urls }) => {
      if (!isWebAddress(location)) return pictureFault(location, imageRoot);
      // Addresses are not fetched by a check.
      return urls === null ? "an address, and features.image.urls does not allow those" : undefined;
    },
    fingerprint: (location, catalog, options) => pictureFingerprint(location, pictureAccess(catalog, options)),
    stores: [pictureIndexAddress],
  },
});

/** Which pictures of a catalog may be read: files below its root, addresses within the limits of the options. */
export function pictureAccess({ imageRoot }: Catalog, options: Pick<ImageOptions, "urls"> | null): PictureAccess {
  return { root: imageRoot, urls: options?.urls ?? null };
}

async function imageInputs(
  catalog: Catalog,
  options: ImageOptions,
  { cacheFolder, signal }: EncodingContext,
): Promise<OpenedInputs> {
  const { images } = catalog;
  const access = pictureAccess(catalog, options);
  const known =
    cacheFolder === undefined || options.rereadFiles ? undefined : await openPictureIndex(cacheFolder, images, access);
  return {
    order: presentRows(images),
    load: (row) => readPicture(images[row] ?? "", access, signal),
    together: PICTURES_PER_BATCH,
    budget: PICTURES_PER_BATCH,
    costOf: (picture) => Math.max(1, picture.length / USUAL_BYTES),
    known,
    close: async () => known?.close(),
  };
}
