/**
 * The model document of bundle formats 1 and 2, turned into that of format 3. Their settings were chosen one after the other, and
 * new items took their lengths by norm calibration (hybrid/norm-calibration.ts), which is kept beside the model.
 */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import type { NormCalibration } from "../hybrid/norm-calibration.ts";
import { describeMismatch } from "../options.ts";
import type { RegressorExtensions } from "../regressor/regressor-kinds.ts";
import { type RegressorDocument, regressorDocumentSchema } from "../regressor/regressor-parts.ts";

function earlierSchema(extensions: RegressorExtensions) {
  return z.looseObject({
    norms: regressorDocumentSchema(extensions),
    shrinkage: z.number(),
    /** The factor on cold items. */
    lift: z.number().default(1),
    // Bundles from before there were user attributes do not say.
    users: z.unknown().default(null),
    settings: z.object({
      // Format 1 knew one kind.
      regressorKind: z.string().default("ridge"),
      rounds: z.int(),
      priorStrength: z.number().default(1),
      userNormExponent: z.number(),
      // Bundles from before there was a choice knew no recency.
      recencyDecay: z.number().default(0),
      channelWeight: z.number(),
      calibration: z.number(),
      // Before there was a balance, the level did its work and nothing moved the whole vector.
      coldBalance: z.number().optional(),
      coldLevel: z.number(),
      tail: z.number(),
      trials: z.object({ regressor: z.unknown().default([]) }),
    }),
  });
}

export interface EarlierModel {
  /** A document of format 3. */
  readonly document: unknown;
  readonly norms: RegressorDocument;
  readonly calibration: Omit<NormCalibration, "norms">;
}

export function isEarlierModel(document: unknown): boolean {
  return typeof document === "object" && document !== null && "norms" in document;
}

/** BUNDLE_CORRUPT when it is no such document. */
export function readEarlierModel(document: unknown, extensions: RegressorExtensions): EarlierModel {
  const parsed = earlierSchema(extensions).safeParse(document);
  if (!parsed.success) {
    const reason = describeMismatch(parsed.error);
    throw new TailrecError("BUNDLE_CORRUPT", `model.json: ${reason}; make the bundle again by tailrec run`);
  }
  const { norms, shrinkage, lift: coldScale, settings, ...rest } = parsed.data;
  const { calibration, coldLevel, coldBalance = coldLevel, trials, ...kept } = settings;
  return {
    norms,
    calibration: { shrinkage, calibration, coldBalance, coldScale },
    document: {
      ...rest,
      // Only factors grew: what content gained by the lift it lost again.
      lift: { factors: -coldBalance * shrinkage, content: 0 },
      settings: {
        ...kept,
        lift: coldBalance,
        contentLift: coldBalance * shrinkage,
        trials: { regressor: trials.regressor, search: [], contentLift: [] },
      },
    },
  };
}
