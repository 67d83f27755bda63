/**
 * How many factors the interactions carry, by parallel analysis (Horn 1965). Every interaction counts 1 / sqrt(n_u n_i), so that nobody
 * and no item outweighs the others. Beside these stand the same users and items with their pairs dealt out anew. With s_j and t_j their
 * singular values, the first left out, which only says how much everybody took,
 *   e_j = max(0, s_j^2 - t_j^2),   rank = x (sum e)^2 / sum e^2,
 * in steps of 16 between two bounds. Alone x = 2: small tastes are left to the regularisation. Where content stands beside the factors
 * it says what the small ones would, and x = 3/4 (decisions 195 and 240). The ceiling is one of time.
 */
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sparseMap } from "../math/linear-map.ts";
import { type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";

const [FEWEST, MOST, STEP] = [64, 256, 16];
const [ALONE, BESIDE_CONTENT] = [2, 0.75];
const SEED = 1;

/** Directions looked at; they reach beyond the noise for the most factors that are given. */
const LOOKED = 384;

/** Interactions that are read at most, those of whole users. */
const SAMPLED = 1_000_000;

/** Interactions times squared rank, the cost of a half-sweep: from there on data do not raise the rank above `CUSTOMARY`. */
const MOST_PRODUCTS = 5e11;
const CUSTOMARY = 128;

/** The rank that `auto` stands for, from interactions (users x items); weights play no part. */
export async function effectiveRank(
  interactions: SparseMatrix,
  { besideContent = false }: { readonly besideContent?: boolean } = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<number> {
  const sample = sampleUsers(interactions);
  const looked = Math.min(LOOKED, sample.rows, sample.columns);
  if (looked <= FEWEST) return FEWEST;
  const [found, random] = [
    await singularValues(sample, looked, backend),
    await singularValues(dealtAnew(sample), looked, backend),
  ];
  const excess = Array.from(found, (value, j) => Math.max(0, value ** 2 - (random[j] ?? 0) ** 2)).slice(1);
  const [sum, square] = [sumOf(excess), sumOf(excess.map((e) => e * e))];
  const counted = square === 0 ? 0 : ((besideContent ? BESIDE_CONTENT : ALONE) * sum ** 2) / square;
  const ceiling = Math.max(CUSTOMARY, Math.sqrt(MOST_PRODUCTS / interactions.indices.length));
  return Math.max(FEWEST, STEP * Math.round(Math.min(counted, ceiling, MOST) / STEP));
}

function sampleUsers(interactions: SparseMatrix): SparseMatrix {
  const { rows, indptr, indices } = interactions;
  if (indices.length <= SAMPLED) return interactions;
  const users = Array.from({ length: rows }, (_, u) => u);
  createRandom(SEED).shuffle(users);
  let read = 0;
  const taken = users.filter((u) => {
    read += indptr[u + 1] - indptr[u];
    return read <= SAMPLED;
  });
  return takeSparseRows(
    interactions,
    taken.sort((a, b) => a - b),
  );
}

/** As many interactions of every user and of every item, between whom chance decides. */
function dealtAnew(interactions: SparseMatrix): SparseMatrix {
  const indices = interactions.indices.slice();
  createRandom(SEED).shuffle(indices);
  return { ...interactions, indices };
}

async function singularValues(pairs: SparseMatrix, rank: number, backend: ComputeBackend): Promise<Float64Array> {
  return (await truncatedSvd(sparseMap(byDegree(pairs), backend), { rank, seed: SEED }, backend)).singularValues;
}

/** 1 / sqrt(n_u n_i) in place of every weight. */
function byDegree(pairs: SparseMatrix): SparseMatrix {
  const { rows, columns, indptr, indices } = pairs;
  const degree = new Uint32Array(columns);
  for (const item of indices) degree[item]++;
  const values = new Float32Array(indices.length);
  for (let u = 0; u < rows; u++) {
    const own = indptr[u + 1] - indptr[u];
    for (let p = indptr[u]; p < indptr[u + 1]; p++) values[p] = 1 / Math.sqrt(own * degree[indices[p]]);
  }
  return { ...pairs, values };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
