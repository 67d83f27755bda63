/**
 * What encoders are for: a task says how inputs of its kind are prepared, opens encoders for them, and knows how their exporters
 * leave them. `tasks.ts` lists the tasks; everything else asks that list.
 */
import type { z } from "zod";
import type { TaskManifest } from "./models/common-manifest.ts";
import type { GraphOutput } from "./models/graph-output.ts";
import type { BatchEncoder, EncoderInput, EncoderOpening } from "./run/encoder.ts";
import type { OnnxGraphSession } from "./run/onnx-session.ts";

export interface EncoderTask<Name extends string = string, Preparation = unknown> {
  /** The task as manifests say it; the preparation stands under this key. */
  readonly name: Name;
  /** How inputs become tensors, and the graph's output a vector. */
  readonly preparation: z.ZodType<Preparation>;
  /**
   * Raised when this code makes another tensor of the same input and manifest. It enters the encoder's digest, so that vectors
   * of before are not found any more. Absent in the first version.
   */
  readonly version?: number;
  /** Lowest cosine with the Python reference that passes for parity. */
  readonly lowestCosine: number;
  /** The files that the preparation names, besides the model. */
  preparationFiles(preparation: Preparation): readonly string[];
  /** MODEL_INVALID when the files are not what the manifest says. */
  open(opening: EncoderOpening<TaskManifest<Name, Preparation>>): Promise<BatchEncoder>;
  /** The tokens of an input, for tasks that cut inputs into such: the reference must cut alike. */
  openTokenizer?(opening: EncoderOpening<TaskManifest<Name, Preparation>>): Promise<InputTokenizer>;
  /** A few inputs of different size, the largest that this preparation lets through among them, on which an encoder is tried. */
  trialInputs(preparation: Preparation): Promise<readonly EncoderInput[]>;
  /** Whether a folder looks like one of an encoder of this task; the first task of the list that says so gets it. */
  recognises(folder: ModelFolder): boolean;
  /** Reads the preparation from the settings that exporters leave, and the output by a run. MODEL_INVALID. */
  describe(folder: ModelFolder, options: FolderOptions): Promise<DescribedEncoder<Preparation>>;
}

export interface InputTokenizer {
  encode(text: string): readonly number[];
}

/** What whoever adds an encoder says of it; outweighs what its files say. */
export interface FolderOptions {
  /** How tokens, or patches, become a vector. */
  readonly pooling?: "mean" | "cls";
  /** Tokens that texts are cut to. */
  readonly maximumLength?: number;
  /** Values of further inputs of the graph, the same for every text. */
  readonly inputs?: Readonly<Record<string, number>>;
}

/** A folder that somebody exported an encoder into. */
export interface ModelFolder {
  /** Absolute. */
  readonly path: string;
  /** Files below it, with forward slashes. */
  readonly files: readonly string[];
  /** The ONNX file among them. */
  readonly model: string;
  /** The model, opened. */
  readonly graph: OnnxGraphSession;
}

export interface DescribedEncoder<Preparation> {
  readonly preparation: Preparation;
  readonly output: GraphOutput;
  /** What no file of the folder said and was taken as usual. */
  readonly assumed: readonly string[];
}
