/**
 * k-means by Lloyd's iterations (1982) from seeded k-means++ centres (Arthur and Vassilvitskii 2007). Same seed, same clusters.
 */
import { setImmediate as turn } from "node:timers/promises";
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "./compute/backend.ts";
import { type Matrix, rowOf, zeros } from "./matrix.ts";
import { createRandom, type Random } from "./random.ts";

export interface Clustering {
  /** clusters x d. */
  readonly centers: Matrix;
  /** Cluster of every row. */
  readonly clusterOf: Uint32Array;
  /** Sum of the squared distances to the centres. */
  readonly inertia: number;
}

export interface ClusteringOptions {
  readonly clusters: number;
  readonly iterations: number;
  readonly seed: number;
}

/** At most `clusters` groups of the rows (n x d, finite), fewer where fewer rows differ. INVALID_ARGUMENT without a row. */
export async function kMeans(
  rows: Matrix,
  { clusters, iterations, seed }: ClusteringOptions,
  backend: ComputeBackend = defaultBackend(),
): Promise<Clustering> {
  if (rows.rows === 0)
    throw new TailrecError("INVALID_ARGUMENT", "expected at least one row to cluster, received none");
  let centers = await spreadCenters(rows, clusters, createRandom(seed));
  let found = await nearestCenters(rows, centers, backend);
  for (let i = 0; i < iterations; i++) {
    centers = meansOf(rows, found.clusterOf, centers);
    const next = await nearestCenters(rows, centers, backend);
    const isSettled = next.clusterOf.every((cluster, row) => cluster === found.clusterOf[row]);
    found = next;
    if (isSettled) break;
  }
  return { centers, ...found };
}

/**
 * k-means++: every further centre is a row, drawn in proportion to its squared distance to the nearest so far. Others have their turn
 * after each.
 */
async function spreadCenters(rows: Matrix, clusters: number, random: Random): Promise<Matrix> {
  const chosen = [random.integer(rows.rows)];
  const distances = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  while (chosen.length < Math.min(clusters, rows.rows)) {
    const last = rowOf(rows, chosen[chosen.length - 1]);
    for (let i = 0; i < rows.rows; i++) distances[i] = Math.min(distances[i], squaredDistance(rowOf(rows, i), last));
    const total = distances.reduce((sum, distance) => sum + distance, 0);
    if (total === 0) break;
    chosen.push(drawPlace(distances, random.next() * total));
    await turn();
  }
  const centers = zeros(chosen.length, rows.columns);
  for (const [c, row] of chosen.entries()) centers.values.set(rowOf(rows, row), c * rows.columns);
  return centers;
}

/** The first place at which the running sum exceeds `target`. */
function drawPlace(weights: Float64Array, target: number): number {
  let sum = 0;
  const place = weights.findIndex((weight) => {
    sum += weight;
    return sum > target;
  });
  return place < 0 ? weights.length - 1 : place;
}

/** |x - c|^2 = |x|^2 - 2 x.c + |c|^2. */
async function nearestCenters(
  rows: Matrix,
  centers: Matrix,
  backend: ComputeBackend,
): Promise<Omit<Clustering, "centers">> {
  const products = await backend.multiplyTransposed(rows, centers);
  const squares = Float64Array.from({ length: centers.rows }, (_, c) => squaredNorm(rowOf(centers, c)));
  const clusterOf = new Uint32Array(rows.rows);
  let inertia = 0;
  for (let i = 0; i < rows.rows; i++) {
    let best = Number.POSITIVE_INFINITY;
    for (let c = 0; c < centers.rows; c++) {
      const distance = squares[c] - 2 * products.values[i * centers.rows + c];
      if (!(distance < best)) continue;
      best = distance;
      clusterOf[i] = c;
    }
    inertia += Math.max(0, best + squaredNorm(rowOf(rows, i)));
  }
  return { clusterOf, inertia };
}

/** A cluster that has lost all its rows keeps its centre. */
function meansOf(rows: Matrix, clusterOf: Uint32Array, previous: Matrix): Matrix {
  const { columns } = rows;
  const sums = new Float64Array(previous.values.length);
  const sizes = new Uint32Array(previous.rows);
  for (const [i, cluster] of clusterOf.entries()) {
    sizes[cluster]++;
    const row = rowOf(rows, i);
    for (let d = 0; d < columns; d++) sums[cluster * columns + d] += row[d];
  }
  const values = previous.values.map((value, p) => {
    const size = sizes[Math.floor(p / columns)];
    return size === 0 ? value : sums[p] / size;
  });
  return { ...previous, values };
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] - b[d]) ** 2;
  return sum;
}

function squaredNorm(a: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * a[d];
  return sum;
}
