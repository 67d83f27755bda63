/** An encoder in the thread that asks for it, whichever task it does. */
import { taskNamed } from "../tasks.ts";
import type { BatchEncoder, EncoderOpening } from "./encoder.ts";

/** MODEL_INVALID when the files are not what the manifest says. */
export async function openEncoder(opening: EncoderOpening): Promise<BatchEncoder> {
  return taskNamed(opening.manifest.task).open(opening);
}
