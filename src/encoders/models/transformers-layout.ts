/** How the weights of an exported graph are stored, by the names of Transformers.js, and the file of each in its layout. */

const SUFFIXES = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const;

export type Dtype = keyof typeof SUFFIXES;

/** Where none is named. */
export const FULL_PRECISION: Dtype = "fp32";

export const dtypes = Object.keys(SUFFIXES) as readonly Dtype[];

export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(SUFFIXES, text);
}

/** Stems of the graphs that may do a task, best first: repositories of CLIP's kind have one for each side. */
const STEMS: Readonly<Record<string, readonly string[]>> = {
  text: ["text_model", "model"],
  image: ["vision_model", "model"],
};

/** The graph among the files that does a task with these weights; undefined where there is none. */
export function layoutModel(files: readonly string[], task: string | undefined, dtype: Dtype): string | undefined {
  const names = (STEMS[task ?? ""] ?? ["model"]).map((stem) => `${stem}${SUFFIXES[dtype]}.onnx`);
  return names.flatMap((name) => [`onnx/${name}`, name]).find((path) => files.includes(path));
}

/** The weights that the files have for a task. */
export function dtypesAmong(files: readonly string[], task: string | undefined): Dtype[] {
  return dtypes.filter((dtype) => layoutModel(files, task, dtype) !== undefined);
}

/** Whether the files hold an encoder for each side of one space, as CLIP's. */
export function hasBothSides(files: readonly string[]): boolean {
  return ["text_model", "vision_model"].every((stem) => files.some((file) => sideOf(file) === stem));
}

/** The side that a graph of such a repository encodes; undefined for other graphs. */
export function sideOf(file: string): string | undefined {
  return /(?:^|\/)(text_model|vision_model)(?:_\w+)?\.onnx$/.exec(file)?.[1];
}
