/** An encoder tried on a few inputs: it must give finite vectors, and the company of other inputs should not change them. */
import { TailrecError } from "../../errors.ts";
import type { EncoderInput, EncoderOpening } from "../run/encoder.ts";
import { openEncoder } from "../run/opened-encoder.ts";
import { taskNamed } from "../tasks.ts";
import { type EncoderManifest, preparationOf } from "./manifest-schema.ts";

/**
 * The largest difference in any component between inputs encoded alone and together, as a share of the largest component where that is
 * above 1. MODEL_INVALID when a vector is not finite.
 */
export async function batchDependence(opening: EncoderOpening<EncoderManifest>): Promise<number> {
  const { manifest } = opening;
  const inputs = await taskNamed(manifest.task).trialInputs(preparationOf(manifest));
  const encoder = await openEncoder(opening);
  const encode = async (batch: readonly EncoderInput[]): Promise<Float32Array> => {
    const { vectors, failures } = await encoder.encode(batch);
    if (failures.length === 0 && vectors.every(Number.isFinite)) return vectors;
    const reason = failures[0]?.reason ?? "values that are not finite";
    throw new TailrecError(
      "MODEL_INVALID",
      `encoder "${manifest.name}": a trial input gave ${reason}; export it again in float32`,
    );
  };
  try {
    const together = await encode(inputs);
    let largest = 0;
    for (const [i, input] of inputs.entries()) {
      const alone = await encode([input]);
      const scale = alone.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      for (const [j, value] of alone.entries())
        largest = Math.max(largest, Math.abs(value - together[i * alone.length + j]) / scale);
    }
    return largest;
  } finally {
    await encoder.close();
  }
}
