/**
 * A kind of regressor, in one value: its options, how it is fitted, how its map from standardised features with presence bits
 * z, n x (d + blocks), to factors is evaluated, kept in a bundle and written as an ONNX graph. A map is plain data; everything
 * else asks the kind about it.
 */
import type { z } from "zod";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import type { Tensor } from "../data/files/safetensors.ts";
import type { ComputeBackend } from "../math/compute/backend.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { LayerNode } from "./layers-part.ts";
import type { GraphPart } from "./onnx-graph-part.ts";
import type { RegressionTask } from "./regression-task.ts";

/** `N` is its name, `M` its map, `O` the zod shape of the options that it reads, `F` that of a map's fields in a JSON document. */
export interface RegressorKind<
  N extends string = string,
  M extends object = object,
  O extends z.ZodRawShape = z.ZodRawShape,
  F extends z.ZodRawShape = z.ZodRawShape,
> {
  /** The name in options, reports and bundles. */
  readonly name: N;
  /**
   * Options beside those of every kind, by their key in the regressor's options. Each has a default. Kinds that give the same
   * key share the option.
   */
  readonly options: O;
  /** Left out of the default search space of `tune`: many times slower than a ridge. */
  readonly isSlow?: boolean;
  /** Whether the metric of the task shapes the map at one setting too, beside the choice of the setting. */
  readonly fitsMetric?: boolean;
  prepare(task: RegressionTask<z.output<z.ZodObject<O>>>): PreparedKind<M>;
  /**
   * Fits at the one setting of the options to factors (n x k) of all training items that come one after the other, where part of
   * the work does not depend on them; undefined where a fit anew is as good.
   */
  prepareRefits?(task: RegressionTask<z.output<z.ZodObject<O>>>): ((y: Matrix) => Promise<M>) | undefined;
  /**
   * f(z): n x k. `sparse` (n x terms) are the rows of the block that stands reduced in z, where the features have one: a kind may
   * read them in its place.
   */
  apply(map: M, z: Matrix, backend: ComputeBackend, sparse?: SparseMatrix): Promise<Matrix>;
  /** The options with which the map's setting is the only one tried. */
  sameSetting(map: M, options: z.input<z.ZodObject<O>>): z.input<z.ZodObject<O>>;
  /** A bundle cannot keep the regressor without it. */
  readonly storage?: MapStorage<M, F>;
  /**
   * From `z` [n, d + blocks], with its parts `masked` and `presence`, to `prior` [n, k]. A bundle cannot keep the regressor without
   * it. The names that `onnx-export.ts` gives are taken.
   */
  onnx?(map: M): GraphPart;
  /**
   * The map as layers of Keras, from the layer `z` to one called `prior`, where it is a chain of such. The names that
   * `layers-export.ts` gives are taken.
   */
  layers?(map: M): readonly LayerNode[];
  /** Whether this map can be written as layers; any can when absent. */
  hasLayers?(map: M): boolean;
  /** Whether this map can be written as a graph; any can when absent. */
  hasGraph?(map: M): boolean;
}

/** A kind at its task; either step waits until it is asked for, and is done once. */
export interface PreparedKind<M extends object = object> {
  /** Tries every setting on the held-out items. */
  validate(): Promise<Validated<M>>;
  /** The best setting, fitted to all items; a single setting needs no validation for it. */
  refit(): Promise<M>;
}

export interface Validated<M extends object = object> {
  readonly trials: readonly SettingTrial[];
  /** The best setting, fitted to the kept items alone. */
  readonly map: M;
  /** The trial of that setting; when absent, the best of the trials. */
  readonly chosen?: SettingTrial;
}

/** A setting tried, with its held-out error in the metric, per item, and figures of the order of the held-out items where they are ranked. */
export interface SettingTrial {
  readonly setting: Readonly<Record<string, number>>;
  readonly error: number;
  /** One for everyone who is asked; higher is better. */
  readonly figures?: Float64Array;
}

/** A map as the fields of a JSON document and named tensors, and its way back. */
export interface MapStorage<M, F extends z.ZodRawShape> {
  /** Beside `kind` and `trials`, which every document has. */
  readonly fields: F;
  save(map: M): SavedMap<z.output<z.ZodObject<F>>>;
  /** `blocks` are those of the features. */
  load(fields: z.output<z.ZodObject<F>>, tensors: TensorReader, blocks: readonly FeatureBlock[]): M;
}

export interface SavedMap<F> {
  readonly fields: F;
  /** Any name but `mean`, `scale`, `residualVariance` and `missingBlockInflation`, which every regressor has. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** Where a map's tensors are read from; both throw when there is none of that name. */
export interface TensorReader {
  matrix(name: string): Matrix;
  values(name: string): ArrayLike<number>;
}
