/** Seeded interactions with power laws on both sides and tastes in between, written so that every engine reads the same bytes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SparseMatrix } from "../src/math/matrix.ts";
import { createRandom, type Random } from "../src/math/random.ts";

export interface DataSize {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

const TASTES = 40;

/** About `interactions` distinct pairs; every user has three tastes, within each of which a few items are in most demand. */
export function generateInteractions({ users, items, interactions }: DataSize): SparseMatrix {
  const random = createRandom(7);
  const wanted = activity(random, users, items, interactions);
  const indptr = new Uint32Array(users + 1);
  const rows: Uint32Array[] = [];
  for (let u = 0; u < users; u++) {
    rows.push(pickItems(random, items, wanted[u]));
    indptr[u + 1] = indptr[u] + rows[u].length;
  }
  const indices = new Uint32Array(indptr[users]);
  for (const [u, row] of rows.entries()) indices.set(row, indptr[u]);
  return { rows: users, columns: items, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

/** Interactions of each user: proportional to (1 + rank of the user)^-0.6, in random order. */
function activity(random: Random, users: number, items: number, interactions: number): Uint32Array {
  const weights = Float64Array.from({ length: users }, (_, u) => (u + 1) ** -0.6);
  const scale = interactions / weights.reduce((sum, weight) => sum + weight, 0);
  const counts = Uint32Array.from(weights, (weight) => Math.max(1, Math.min(items / 4, Math.round(scale * weight))));
  random.shuffle(counts);
  return counts;
}

function pickItems(random: Random, items: number, wanted: number): Uint32Array {
  const tastes = [random.integer(TASTES), random.integer(TASTES), random.integer(TASTES)];
  const chosen = new Set<number>();
  for (let attempt = 0; chosen.size < wanted && attempt < 4 * wanted; attempt++) {
    const taste = random.next() < 0.8 ? tastes[random.integer(3)] : random.integer(TASTES);
    chosen.add(taste + TASTES * Math.floor((items / TASTES) * random.next() ** 2.5));
  }
  return Uint32Array.from(chosen).sort();
}

/** indptr.u32 and indices.u32, little-endian. */
export function writeInteractions(folder: string, { indptr, indices }: SparseMatrix): void {
  writeFileSync(join(folder, "indptr.u32"), indptr);
  writeFileSync(join(folder, "indices.u32"), indices);
}

/** start.f32: the item factors from which every engine that can be told begins; normal, 0.1 / sqrt(rank). */
export function writeStart(folder: string, items: number, rank: number): void {
  const random = createRandom(1);
  const values = Float32Array.from({ length: items * rank }, () => (0.1 / Math.sqrt(rank)) * random.normal());
  writeFileSync(join(folder, "start.f32"), values);
}
