/**
 * Weights of the blocks that the options leave to `auto`: the roots of their shares in behaviour (`fields/block-shares.ts`) against
 * the largest, which weighs 1. A block that tells nothing weighs 0. 1 each without behaviour, and for a block that stands alone.
 */
import type { BlockValues } from "../data/block-values.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { columnMeans, type Matrix, type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";
import { productSide, sparseProducts } from "../math/sparse-product.ts";
import { blockShares } from "./fields/block-shares.ts";

export interface WeightedBlock {
  readonly weight: number | "auto";
  /** Of every item of the catalog. */
  readonly values: BlockValues;
}

/** One weight a block. `behaviour` is users x items, `rows` the items that may be learnt from. */
export async function learntWeights(
  blocks: readonly WeightedBlock[],
  behaviour: SparseMatrix | undefined,
  rows: ArrayLike<number>,
): Promise<number[]> {
  const free = blocks.filter(({ weight }) => weight === "auto");
  const learnt = free.length > 1 && behaviour !== undefined ? await weightsOf(free, behaviour, rows) : undefined;
  let next = 0;
  return blocks.map(({ weight }) => (weight === "auto" ? (learnt?.[next++] ?? 1) : weight));
}

async function weightsOf(
  blocks: readonly WeightedBlock[],
  behaviour: SparseMatrix,
  rows: ArrayLike<number>,
): Promise<number[] | undefined> {
  const backend = defaultBackend();
  const productsAt = (items: readonly number[], columns: readonly number[]) =>
    Promise.all(blocks.map(({ values }) => productsOf(values, items, columns, backend)));
  const shares = await blockShares({ behaviour, rows, evenly: 0, productsAt }, backend);
  if (shares === undefined) return undefined;
  const most = Math.max(...shares);
  return shares.map((share) => Math.sqrt(share / most));
}

/** Inner products of the sparse rows; of the others those of centred rows at length 1, 0 where the block is missing. */
async function productsOf(
  { vectors, presence, sparse }: BlockValues,
  items: readonly number[],
  columns: readonly number[],
  backend: ComputeBackend,
): Promise<Matrix> {
  if (sparse !== undefined) {
    return sparseProducts(
      takeSparseRows(sparse, items),
      await productSide(takeSparseRows(sparse, columns), backend),
      backend,
    );
  }
  const present = items.filter((row) => presence[row] === 1);
  const mean = columnMeans(vectors, present);
  const unitAt = (rows: readonly number[]): Matrix => {
    const centred = takeRows(vectors, rows);
    for (let p = 0; p < centred.values.length; p++) {
      const isPresent = presence[rows[Math.floor(p / centred.columns)]] === 1;
      centred.values[p] = isPresent ? centred.values[p] - mean[p % centred.columns] : 0;
    }
    return unitRows(centred);
  };
  return backend.multiplyTransposed(unitAt(items), unitAt(columns));
}
