/** Small versions of pictures: for people to look at, and for telling one picture from another. */
import type { Sharp } from "sharp";
import { TailrecError } from "../../errors.ts";
import { decodingGate } from "./decoding-gate.ts";
import { openPicture } from "./picture-opening.ts";
import { type PictureAccess, readPicture } from "./picture-source.ts";

/** Sides of thumbnails, twice what a page shows, and of the pictures that are compared. */
const THUMBNAIL = 112;
const COMPARED = 16;
const QUALITY = 60;

/** Previews of one thread wait for one another. */
const gate = decodingGate(new SharedArrayBuffer(4));

/** A square WebP of some 2 KB as a data URI; undefined where the picture cannot be read. */
export async function pictureThumbnail(location: string, access: PictureAccess): Promise<string | undefined> {
  const bytes = await shown(location, access, (picture) =>
    picture.resize(THUMBNAIL, THUMBNAIL, { fit: "contain", background: "#ffffff" }).webp({ quality: QUALITY }),
  );
  return bytes && `data:image/webp;base64,${bytes.toString("base64")}`;
}

/** The picture stretched to 16 x 16 RGB bytes; undefined where it cannot be read. */
export function pictureFingerprint(location: string, access: PictureAccess): Promise<Uint8Array | undefined> {
  return shown(location, access, (picture) =>
    picture.resize(COMPARED, COMPARED, { fit: "fill" }).toColourspace("srgb").removeAlpha().raw(),
  );
}

/** The bytes of the upright, opaque picture as `change` has it; undefined where it cannot be read. */
async function shown(
  location: string,
  access: PictureAccess,
  change: (picture: Sharp) => Sharp,
): Promise<Buffer | undefined> {
  const file = await readPicture(location, access).catch((error: unknown) => {
    // The encoder has met the same picture and has put it into quarantine, with the reason.
    if (error instanceof TailrecError) return undefined;
    throw error;
  });
  const opened = file && (await openPicture(file).catch(() => undefined));
  if (opened === undefined) return undefined;
  const upright = opened.picture.autoOrient().flatten({ background: "#ffffff" });
  return gate.through(opened.bytes, () =>
    change(upright)
      .toBuffer()
      .catch(() => undefined),
  );
}
