/** An encoder tried on a few inputs: it must give finite vectors, and the company of other inputs should not change them. */
import sharp from "sharp";
import { TailrecError } from "../../errors.ts";
import type { EncoderInput, EncoderOpening } from "../run/encoder.ts";
import { openEncoder } from "../run/opened-encoder.ts";

const TEXTS = ["Stoneware mug", "Hex bolt M8 x 40, zinc-plated, pack of 100", "Lamp. ".repeat(60)];
const COLOURS = ["#c03020", "#2060b0", "#e0e0d0"];

/** The largest difference in any component between inputs encoded alone and together. MODEL_INVALID when a vector is not finite. */
export async function batchDependence(opening: EncoderOpening): Promise<number> {
  const inputs = opening.manifest.task === "text" ? TEXTS : await Promise.all(COLOURS.map(picture));
  const encoder = await openEncoder(opening);
  const encode = async (batch: readonly EncoderInput[]): Promise<Float32Array> => {
    const { vectors, failures } = await encoder.encode(batch);
    if (failures.length === 0 && vectors.every(Number.isFinite)) return vectors;
    const reason = failures[0]?.reason ?? "values that are not finite";
    throw new TailrecError("MODEL_INVALID", `encoder "${opening.manifest.name}": a trial input gave ${reason}`);
  };
  try {
    const together = await encode(inputs);
    let largest = 0;
    for (const [i, input] of inputs.entries()) {
      const alone = await encode([input]);
      for (const [j, value] of alone.entries())
        largest = Math.max(largest, Math.abs(value - together[i * alone.length + j]));
    }
    return largest;
  } finally {
    await encoder.close();
  }
}

async function picture(colour: string, i: number): Promise<Uint8Array> {
  const square = { width: 64 + 16 * i, height: 80, channels: 3 as const, background: colour };
  const inner = { create: { ...square, width: 30, height: 30, background: COLOURS[(i + 1) % COLOURS.length] } };
  return new Uint8Array(
    await sharp({ create: square })
      .composite([{ input: inner }])
      .png()
      .toBuffer(),
  );
}
