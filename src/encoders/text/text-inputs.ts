/**
 * The inputs of a text graph and what each is given: token ids, mask, token types, positions, or one number that the manifest names. A
 * graph may fix how many texts, and how many tokens, it takes at a time.
 */
import { TailrecError } from "../../errors.ts";
import { describeValues, type Feeds, fixedSize, type GraphValue, type OnnxGraphSession } from "../run/onnx-session.ts";
import { isNumeric, tensorOf } from "../run/tensor-values.ts";
import type { TextPreparation } from "./text-preparation.ts";
import type { PaddedRun, RunSize } from "./token-runs.ts";

/** The part of an opened graph that says what it takes. */
export type TakingGraph = Pick<OnnxGraphSession, "path" | "inputs">;

export interface TextInputs {
  /** Texts and tokens of every run, where the graph fixes them. */
  readonly size: RunSize;
  feeds(run: PaddedRun): Feeds;
}

type Role = "ids" | "mask" | "types" | "positions";

/** Names that exporters give to the inputs of transformers. */
const ROLES: Readonly<Record<string, Role>> = {
  input_ids: "ids",
  input_word_ids: "ids",
  attention_mask: "mask",
  input_mask: "mask",
  token_type_ids: "types",
  input_type_ids: "types",
  segment_ids: "types",
  position_ids: "positions",
};

/** A value of an input by the row of its text and the place of its token. */
type CellOf = (run: PaddedRun, row: number, place: number) => number;

const CELLS: Readonly<Record<Role, CellOf>> = {
  ids: ({ ids, length }, row, place) => ids[row * length + place],
  mask: ({ lengths }, row, place) => (place < lengths[row] ? 1 : 0),
  types: () => 0,
  positions: (_, __, place) => place,
};

/** Whether a graph takes token ids. */
export function readsTokens({ inputs }: TakingGraph): boolean {
  return inputs.some(({ name }) => roleOf(name) === "ids");
}

/** Names of inputs that no token gives a value to: they need one from the manifest. */
export function furtherInputs({ inputs }: TakingGraph): string[] {
  return inputs.map(({ name }) => name).filter((name) => !Object.hasOwn(ROLES, name));
}

/** The length that every text is filled up to; undefined where batches are padded to their longest. */
export function filledLength({ padding, maximumLength }: TextPreparation): number | undefined {
  return padding === undefined ? undefined : maximumLength;
}

/**
 * `constants` are the values of further inputs, by name; `filled` is the length of every run. MODEL_INVALID, with the remedy, when an
 * input cannot be fed.
 */
export function textInputs(
  graph: TakingGraph,
  constants: Readonly<Record<string, number>> = {},
  filled?: number,
): TextInputs {
  const { path, inputs } = graph;
  const ids = inputs.find(({ name }) => roleOf(name) === "ids");
  if (ids === undefined) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${path}: expected an input input_ids of token ids, the graph has ${describeValues(inputs)}; export it as transformers names them`,
    );
  }
  for (const input of inputs) requireFed(path, input, constants);
  if (isTurned(ids)) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${path}: its input ${describeValues([ids])} is tokens x texts; export it with the texts first`,
    );
  }
  const [count, length] = ids.shape.map(fixedSize);
  return {
    size: {
      count,
      length: length ?? filled,
      unpadded: filled === undefined && !inputs.some(({ name }) => roleOf(name) === "mask"),
    },
    feeds: (run) => Object.fromEntries(inputs.map((input) => [input.name, tensorFor(input, run, constants)])),
  };
}

/** Whether the names of the dimensions say that tokens come before texts. */
function isTurned({ shape: [first, second] }: GraphValue): boolean {
  return /seq|len|token/i.test(String(first)) && /batch/i.test(String(second));
}

function roleOf(name: string): Role | undefined {
  return Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
}

function requireFed(path: string, input: GraphValue, constants: Readonly<Record<string, number>>): void {
  const role = roleOf(input.name);
  const isKnown = role !== undefined || Object.hasOwn(constants, input.name);
  // A graph that says nothing of a shape has none of its own.
  const isShaped = role === undefined ? input.shape.length <= 2 : [0, 2].includes(input.shape.length);
  if (isKnown && isShaped && isNumeric(input.type)) return;
  const problem = isKnown
    ? `cannot be given tokens: expected integers of texts x tokens`
    : "is none that texts give: export the text part alone, or name its value by --input NAME=NUMBER or in text.inputs";
  throw new TailrecError("MODEL_INVALID", `${path}: its input ${describeValues([input])} ${problem}`);
}

function tensorFor(
  { name, type, shape }: GraphValue,
  run: PaddedRun,
  constants: Readonly<Record<string, number>>,
): Feeds[string] {
  const role = roleOf(name);
  if (role === undefined) {
    const dimensions = shape.map((size, axis) => fixedSize(size) ?? [run.count, run.length][axis]);
    const count = dimensions.reduce((product, size) => product * size, 1);
    return tensorOf(type, new Array<number>(count).fill(constants[name]), dimensions);
  }
  const { count, length } = run;
  const cell = CELLS[role];
  const values = Int32Array.from({ length: count * length }, (_, i) => cell(run, Math.floor(i / length), i % length));
  return tensorOf(type, values, [count, length]);
}
