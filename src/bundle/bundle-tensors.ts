/** The numbers of a bundle as named tensors, and their way back. */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import {
  float32Values,
  matrixNamed,
  type Safetensors,
  sparseFrom,
  sparseTensors,
  type Tensor,
  tensorOf,
  uint32Values,
  vectorTensor,
} from "../data/files/safetensors.ts";
import type { Interactions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import type { EmbeddingSource, ItemEmbeddings } from "../hybrid/item-embeddings.ts";
import type { Matrix } from "../math/matrix.ts";

export type Tensors = Safetensors["tensors"];

const SOURCES: readonly EmbeddingSource[] = ["content", "blend", "behaviour"];

/** vectors.safetensors: what most readers of a bundle want. */
export function embeddingTensors({ vectors, support, source, uncertainty }: ItemEmbeddings): Tensors {
  return {
    vectors: tensorOf(vectors),
    support: vectorTensor(support),
    source: vectorTensor(Uint8Array.from(source, (name) => SOURCES.indexOf(name))),
    uncertainty: vectorTensor(uncertainty),
  };
}

export function readEmbeddings(file: Safetensors, rank: number, name: string): ItemEmbeddings {
  return {
    vectors: matrixNamed(file, "vectors", name),
    rank,
    support: uint32Values(valuesNamed(file, "support", name)),
    source: Array.from(valuesNamed(file, "source", name), (code) => SOURCES[code]),
    uncertainty: float32Values(valuesNamed(file, "uncertainty", name)),
  };
}

const SPARSE = "sparse";

/** Features of items, their dense values called `values`. */
export function featureTensors({ values, presence, sparse }: FeatureMatrix, valuesName = "values"): Tensors {
  const dense = { [valuesName]: tensorOf(values), presence: tensorOf(presence) };
  return sparse === undefined ? dense : { ...dense, ...sparseTensors(SPARSE, sparse) };
}

export function readFeatures(
  file: Safetensors,
  name: string,
  blocks: FeatureMatrix["blocks"],
  valuesName = "values",
): FeatureMatrix {
  const [values, presence] = [matrixNamed(file, valuesName, name), matrixNamed(file, "presence", name)];
  if (!blocks.some(({ isReduced }) => isReduced)) return { values, presence, blocks };
  return { values, presence, blocks, sparse: sparseFrom(SPARSE, (tensor) => valuesNamed(file, tensor, name)) };
}

/** interactions.safetensors: the training interactions as CSR. */
export function interactionTensors({ columns, indptr, indices, values, times }: Interactions): Tensors {
  const csr = {
    columns: vectorTensor(Uint32Array.of(columns)),
    indptr: vectorTensor(indptr),
    indices: vectorTensor(indices),
    values: vectorTensor(values),
  };
  return times === undefined ? csr : { ...csr, times: vectorTensor(times) };
}

export function readInteractions(file: Safetensors, name: string): Interactions {
  const indptr = uint32Values(valuesNamed(file, "indptr", name));
  const csr = {
    rows: indptr.length - 1,
    columns: valuesNamed(file, "columns", name)[0],
    indptr,
    indices: uint32Values(valuesNamed(file, "indices", name)),
    values: float32Values(valuesNamed(file, "values", name)),
  };
  return file.tensors.times === undefined ? csr : { ...csr, times: Float64Array.from(file.tensors.times.values) };
}

/** The values of a tensor; BUNDLE_CORRUPT when the file has none of that name. */
export function valuesNamed(file: Safetensors, tensor: string, name: string): Tensor["values"] {
  const found = file.tensors[tensor];
  if (found !== undefined) return found.values;
  throw new TailrecError(
    "BUNDLE_CORRUPT",
    `${name}: expected a tensor "${tensor}"; make the bundle again by tailrec run`,
  );
}

export function matrixTensors(matrices: Readonly<Record<string, Matrix>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(matrices).map(([name, matrix]) => [name, tensorOf(matrix)]));
}
