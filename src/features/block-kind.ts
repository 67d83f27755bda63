/**
 * What a kind of block is: its options, how it is fitted on training items and applied to any catalog, how a bundle keeps it, and
 * what it is called. `block-kinds.ts` lists the kinds that come with tailrec; everything else asks a list of kinds, so that
 * a kind from elsewhere is used alike.
 */
import type { z } from "zod";
import type { BlockValues } from "../data/block-values.ts";
import type { Catalog } from "../data/catalog.ts";
import type { BlockPart } from "../data/feature-matrix.ts";
import type { BuiltInTask } from "../encoders/tasks.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { EncodedBlock, Encoding, EncodingContext } from "./encoding.ts";

/** What every kind has among its options; the last two cut and whiten what `apply` gives. */
export interface BlockOptions {
  /** Weight of the block against the others once standardised; auto: by what it tells of behaviour. */
  readonly weight: number | "auto";
  /** Principal components kept; all when null or absent. */
  readonly components?: number | null;
  /** How far components are brought to equal variance, 0 to 1; 0 when absent. */
  readonly whitening?: number;
}

/** Options as the pipeline has them; null leaves the block out. */
export type BlockSchema = z.ZodType<BlockOptions | null>;

export type OptionsOf<Schema extends BlockSchema> = NonNullable<z.output<Schema>>;

/** What a block is fitted on and applied to. */
export interface BlockInput {
  readonly catalog: Catalog;
  /** What `encode` made of the catalog; null for a kind without. */
  readonly encoded: EncodedBlock | null;
  /** Training interactions, users x items, where they are known: what a fit may weigh its columns by. */
  readonly behaviour?: SparseMatrix;
  /** Parts of the block as they were weighed before, for a kind that weighs its parts: a fit takes their shares. */
  readonly parts?: readonly BlockPart[];
}

/**
 * One kind. `Space` is what fitting learns, as plain data; `Stored` is its document in a bundle. Rows are those of the catalog, and a
 * row without the block is zeros with presence 0, never an error.
 */
export interface BlockKind<
  Name extends string = string,
  Schema extends BlockSchema = BlockSchema,
  Space = unknown,
  Stored = Space,
> {
  /** Its key among the feature options, and the name of its block. */
  readonly name: Name;
  /** A kind that is younger than some bundles leaves itself out by default. */
  readonly schema: Schema;
  readonly words: BlockWords;
  /** The task of the encoder that `encoder` among the options names; absent for a kind without encoder. */
  readonly task?: BuiltInTask["name"];
  /** Inputs that lie in files or at addresses of their own. */
  readonly files?: InputFiles<OptionsOf<Schema>>;
  /** Whether an item has what the kind reads, told before any is encoded; where absent, it may have. */
  hasInput?(catalog: Catalog, row: number, options: OptionsOf<Schema>): boolean;
  /** The expensive part, done once a catalog; its vectors reach `fit` and `apply` as `encoded`. */
  encode?(catalog: Catalog, options: OptionsOf<Schema>, context: EncodingContext): Promise<Encoding>;
  /** Learns from the items at `rows` alone. */
  fit(input: BlockInput, rows: ArrayLike<number>, options: OptionsOf<Schema>): Space | Promise<Space>;
  /** What `fit` and then `apply` give, for a kind to which both together are cheaper. */
  fitValues?(
    input: BlockInput,
    rows: ArrayLike<number>,
    options: OptionsOf<Schema>,
  ): Promise<{ readonly space: Space; readonly values: BlockValues }>;
  /** Columns that `apply` gives; a block without any is left out. */
  columns(space: Space): number;
  /** Whether the first columns are those that a smaller `dimension` among the options would give. */
  readonly isNested?: boolean;
  /** Whether `apply` gives sparse rows, of which its vectors are a reduction; one kind of a feature space may. */
  readonly isReduced?: boolean;
  /** terms x columns: what those sparse rows are multiplied with. */
  reduction?(space: Space): Matrix;
  apply(space: Space, input: BlockInput): BlockValues | Promise<BlockValues>;
  /** What the block is made of, for a kind that weighs its parts. */
  parts?(space: Space): readonly BlockPart[];
  /** Where the columns come from. `rows` are training items that have the block. */
  origin(space: Space, input: BlockInput, rows: readonly number[]): BlockOrigin | Promise<BlockOrigin>;
  /** Digest of the encoder whose vectors the space takes, by its name; absent for a kind without encoder. */
  encoderOf?(space: Space): { readonly name: string; readonly digest: string };
  /** Doubts about an item that has the block: "unknown brand". */
  caveats?(space: Space, catalog: Catalog, row: number): readonly string[];
  /** How a bundle keeps the space; absent for a kind that no bundle is made with. */
  readonly storage?: BlockStorage<Space, Stored>;
}

export interface BlockStorage<Space, Stored = Space> {
  /** Schema of the JSON part. */
  readonly document: z.ZodType<Stored>;
  save(space: Space): BlockParts<Stored>;
  /** Gives the space of `save`; `tensor` throws BUNDLE_CORRUPT for a name that is not there. */
  load(document: Stored, tensor: (name: string) => Matrix): Space;
}

/** A fitted space as a bundle keeps it: a document in JSON, and matrices by names of its own. */
export interface BlockParts<Stored> {
  readonly document: Stored;
  readonly tensors: Readonly<Record<string, Matrix>>;
}

export interface BlockWords {
  /** What of two items is compared: "pictures". */
  readonly plural: string;
  /** What an item without the block lacks: "no picture". */
  missing(catalog: Catalog, row: number): string;
}

export interface BlockOrigin {
  /** Words for it: an encoder, or how many terms. */
  readonly source: string;
  /** Columns that the block was made from. */
  readonly sourceDimension: number;
  /** Share of their variance that `apply` keeps. */
  readonly explainedVariance: number;
}

/** Inputs one an item, each at a path or address. */
export interface InputFiles<Options> {
  /** One of them: "picture". */
  readonly noun: string;
  /** The key of `data.items` that maps their column. */
  readonly column: string;
  /** Paths or addresses by row; null where an item has none. */
  locations(catalog: Catalog): readonly (string | null)[];
  /** Says why an input cannot be used, judged without encoding it; undefined when it may be. */
  fault(location: string, catalog: Catalog, options: Options): Promise<string | undefined>;
  /**
   * A small version, in which copies of one input differ by a little in every byte; undefined when it cannot be read. The leak
   * gate compares the inputs of kinds that have it.
   */
  fingerprint?(location: string, catalog: Catalog, options: Options): Promise<Uint8Array | undefined>;
  /** Addresses of stores in the cache folder, beside that of the encoder's vectors. */
  readonly stores: readonly string[];
}
