/** Small versions of pictures: for people to look at, and for telling one picture from another. */
import type { Sharp } from "sharp";
import { TailrecError } from "../../errors.ts";
import { openPicture } from "./picture-opening.ts";
import { type PictureAccess, readPicture } from "./picture-source.ts";

/** Sides of thumbnails, twice what a page shows, and of the pictures that are compared. */
const THUMBNAIL = 112;
const COMPARED = 16;
const QUALITY = 60;

/** A square WebP of some 2 KB as a data URI; undefined where the picture cannot be read. */
export async function pictureThumbnail(location: string, access: PictureAccess): Promise<string | undefined> {
  const picture = await opened(location, access);
  const bytes = await picture
    ?.resize(THUMBNAIL, THUMBNAIL, { fit: "contain", background: "#ffffff" })
    .webp({ quality: QUALITY })
    .toBuffer()
    .catch(() => undefined);
  return bytes && `data:image/webp;base64,${bytes.toString("base64")}`;
}

/** The picture stretched to 16 x 16 RGB bytes; undefined where it cannot be read. */
export async function pictureFingerprint(location: string, access: PictureAccess): Promise<Uint8Array | undefined> {
  const picture = await opened(location, access);
  return picture
    ?.resize(COMPARED, COMPARED, { fit: "fill" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer()
    .catch(() => undefined);
}

async function opened(location: string, access: PictureAccess): Promise<Sharp | undefined> {
  const bytes = await readPicture(location, access).catch((error: unknown) => {
    // The encoder has met the same picture and has put it into quarantine, with the reason.
    if (error instanceof TailrecError) return undefined;
    throw error;
  });
  const opened = bytes && (await openPicture(bytes).catch(() => undefined));
  return opened?.picture.autoOrient().flatten({ background: "#ffffff" });
}
