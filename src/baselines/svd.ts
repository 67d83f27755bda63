/**
 * Baseline `svd`: pure singular value decomposition (PureSVD; Cremonesi, Koren and Turrin 2010). Missing pairs count as zeros, and
 * with X ~ U S V' of rank k the scores are U S V' = X V V': the projection of a user's row on the leading item directions.
 */
import { z } from "zod";
import { cosines, factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { sparseMap } from "../math/linear-map.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";

export const svdOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(64).describe("k, the number of singular vectors"),
  iterations: z.int().min(0).default(4).describe("power iterations: more of them are nearer to the exact vectors"),
  seed: z.int().default(1).describe("seed of the start"),
});

export type SvdOptions = z.input<typeof svdOptionsSchema>;

/** Fits on `train` (users x items). An item without interactions has the zero vector. */
export async function pureSvd(
  train: SparseMatrix,
  options: SvdOptions = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const request = parseOptions(svdOptionsSchema, options, "svd");
  const { right } = await truncatedSvd(sparseMap(train, backend), request, backend);
  const items = sharedMatrix(right);
  const users = await backend.multiplySparse(train, items);
  return {
    name: "svd",
    ...factorRanker(users, items, backend),
    similar: cosines(items, backend),
  };
}

export const svdKind: Baseline<SvdOptions> = {
  name: "svd",
  words: "the leading singular vectors of the interactions, missing ones counted as zeros",
  knowsContent: false,
  needsBehaviour: true,
  schema: svdOptionsSchema.omit({ seed: true }),
  choice: { grid: [64, 16, 256, 512].map((rank) => ({ rank })), judgedOn: "warm" },
  fit: ({ train, seed }, options) => pureSvd(train, { ...options, seed }),
};
