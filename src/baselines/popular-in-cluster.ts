/**
 * Baseline `popular-in-cluster`: users in groups by k-means on their vectors' directions, and to every group what it takes most. A small
 * group's counts are shrunk to the overall popularity, which is also what a user of whom nothing is known is shown.
 */
import { z } from "zod";
import { itemSupport } from "../data/interactions.ts";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { kMeans } from "../math/k-means.ts";
import { type Matrix, rowOf, type SparseMatrix, takeRows, zeros } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";
import { parseOptions } from "../options.ts";

export const popularInClusterOptionsSchema = z.strictObject({
  clusters: z.int().min(1).default(20).describe("groups of users"),
  shrinkage: z.number().min(0).default(10).describe("takers of the overall popularity that are added to every group"),
  seed: z.int().default(1).describe("seed of the start and of the draws"),
});

export type PopularInClusterOptions = z.input<typeof popularInClusterOptionsSchema>;

/** Groups of users and what they take. */
export interface UserGroups {
  /** Centres of the groups, in the space of the users' directions: c x d. */
  readonly centers: Matrix;
  /** n_ci + s p_i: takers of i in group c, and its overall share of takers times the shrinkage s; c + 1 x items, the last row for nobody's group. */
  readonly counts: Matrix;
  /** Each user's group; c for users without behaviour. */
  readonly groupOf: Uint32Array;
}

/** `train` is users x items, `userVectors` users x d. INVALID_ARGUMENT when nobody has an interaction. */
export async function fitUserGroups(
  train: SparseMatrix,
  userVectors: Matrix,
  options: PopularInClusterOptions = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<UserGroups> {
  const { clusters, shrinkage, seed } = parseOptions(popularInClusterOptionsSchema, options, "popular-in-cluster");
  const active = Uint32Array.from({ length: train.rows }, (_, u) => u).filter(
    (u) => train.indptr[u + 1] > train.indptr[u],
  );
  const { centers, clusterOf } = await kMeans(
    unitRows(takeRows(userVectors, active)),
    { clusters, iterations: 50, seed },
    backend,
  );
  const counts = zeros(centers.rows + 1, train.columns);
  const groupOf = new Uint32Array(train.rows).fill(centers.rows);
  const share = Float32Array.from(itemSupport(train), (support) => (shrinkage * support) / active.length);
  for (let c = 0; c < counts.rows; c++) counts.values.set(share, c * train.columns);
  for (const [i, user] of active.entries()) {
    groupOf[user] = clusterOf[i];
    const row = rowOf(counts, clusterOf[i]);
    for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) row[train.indices[p]]++;
  }
  return { centers, counts, groupOf };
}

/** The group whose centre is nearest to the direction of `vector` (d values); nobody's group without one. */
export function nearestGroup({ centers }: Pick<UserGroups, "centers">, vector?: Float32Array): number {
  if (vector === undefined) return centers.rows;
  const direction = unitRows({ rows: 1, columns: vector.length, values: vector }).values;
  const distances = Array.from({ length: centers.rows }, (_, c) =>
    rowOf(centers, c).reduce((sum, value, d) => sum + (value - direction[d]) ** 2, 0),
  );
  return distances.reduce((best, distance, c) => (distance < distances[best] ? c : best), 0);
}

/** score(u, i): the counts of u's group. */
export async function popularInCluster(
  train: SparseMatrix,
  userVectors: Matrix,
  options: PopularInClusterOptions = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const { counts, groupOf } = await fitUserGroups(train, userVectors, options, backend);
  const score = (users: Uint32Array) =>
    takeRows(
      counts,
      users.map((user) => groupOf[user]),
    );
  return { name: "popular-in-cluster", score };
}
