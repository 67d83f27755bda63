/** An encoder in the thread that asks for it, whichever task it does. */

import { openImageEncoder } from "../image/image-encoder.ts";
import { openTextEncoder } from "../text/text-encoder.ts";
import type { BatchEncoder, EncoderOpening } from "./encoder.ts";

/** MODEL_INVALID when the files are not what the manifest says. */
export async function openEncoder({ manifest, files, threads }: EncoderOpening): Promise<BatchEncoder> {
  return manifest.task === "text"
    ? openTextEncoder({ manifest, files, threads })
    : openImageEncoder({ manifest, files, threads });
}
