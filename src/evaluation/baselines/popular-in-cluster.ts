/**
 * Baseline `popular-in-cluster`: users in groups by k-means on their vectors' directions, and to every group what it takes most. A small
 * group's counts are shrunk to the overall popularity, which is also what a user without behaviour is shown.
 */
import { itemSupport } from "../../data/interactions.ts";
import { kMeans } from "../../math/k-means.ts";
import { defaultKernel, type Kernel } from "../../math/kernel.ts";
import { type Matrix, rowOf, type SparseMatrix, takeRows, zeros } from "../../math/matrix.ts";
import { unitRows } from "../../math/unit-rows.ts";
import { parseOptions } from "../../options.ts";
import type { ScoredContender } from "../scorer.ts";
import { type PopularInClusterOptions, popularInClusterOptionsSchema } from "./options.ts";

/** score(u, i) = n_ci + s p_i: takers of i in u's cluster c, and its overall share of takers times the shrinkage s. */
export async function popularInCluster(
  train: SparseMatrix,
  userVectors: Matrix,
  options: PopularInClusterOptions = {},
  kernel: Kernel = defaultKernel(),
): Promise<ScoredContender> {
  const { clusters, shrinkage, seed } = parseOptions(popularInClusterOptionsSchema, options, "popular-in-cluster");
  const active = Uint32Array.from({ length: train.rows }, (_, u) => u).filter(
    (u) => train.indptr[u + 1] > train.indptr[u],
  );
  const { centers, clusterOf } = await kMeans(
    unitRows(takeRows(userVectors, active)),
    { clusters, iterations: 50, seed },
    kernel,
  );
  // The last row: users without behaviour.
  const counts = zeros(centers.rows + 1, train.columns);
  const groupOf = new Uint32Array(train.rows).fill(centers.rows);
  const share = Float32Array.from(itemSupport(train), (support) => (shrinkage * support) / active.length);
  for (let c = 0; c < counts.rows; c++) counts.values.set(share, c * train.columns);
  for (const [i, user] of active.entries()) {
    groupOf[user] = clusterOf[i];
    const row = rowOf(counts, clusterOf[i]);
    for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) row[train.indices[p]]++;
  }
  return {
    name: "popular-in-cluster",
    score: (users) =>
      takeRows(
        counts,
        users.map((user) => groupOf[user]),
      ),
  };
}
