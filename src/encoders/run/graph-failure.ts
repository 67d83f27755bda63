/**
 * What ONNX Runtime says when it cannot load or run a graph, in words about the model and with a remedy. Its own text stays in the
 * cause: it names kernels and source files that nobody who has the model knows.
 */
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import { isDenied, messageOf, readError } from "../../file-errors.ts";

/** What the runtime says, and what it means; parts of the text stand in for $1 and $2. */
type Meaning = readonly [RegExp, string];

const NOT_ONNX = "not an ONNX model, or a damaged one; export or copy it again";

const LOADING: readonly Meaning[] = [
  [/protobuf parsing failed|does not have a graph/i, NOT_ONNX],
  [
    /external (data|initializer)/i,
    "its external data cannot be read as the model says; copy all its files again, side by side",
  ],
  [
    /ir version|opset (\d+)|operator set|official support for domain/i,
    "made for a newer ONNX Runtime than this one; export it again with operator set 17 to 21",
  ],
  [
    /Node, \("[^"]*", (\w+), .*no opset import|implementation for ([\w.]+)|registered for ([\w.]+)|op_type: ?"?([\w.]+)|(\w+)(?:\(-?\d+\))? is not a registered/i,
    "it uses the operator $1, which ONNX Runtime cannot run on a processor; export it again in float32 without custom operators",
  ],
  [/alloc|out of memory/i, "it needs more memory than there is; export a smaller or a quantised model"],
];

const RUNNING: readonly Meaning[] = [
  [/alloc|out of memory/i, "it needs more memory than there is; export a smaller or a quantised model"],
  [
    /invalid (?:dimensions|rank) for input: ?(\w+)/i,
    "its input $1 takes another shape; check the sizes in the manifest, or export it with free sizes",
  ],
  [
    /out of (?:data )?bounds|out of range/i,
    "an index is beyond the end of one of its tables: the tokenizer is that of another model, or texts are longer than its positions",
  ],
];

/** MODEL_INVALID for a file that is no ONNX model. */
export function notOnnx(path: string): TailrecError {
  return new TailrecError("MODEL_INVALID", `${path}: ONNX Runtime cannot load it: ${NOT_ONNX}`);
}

/** MODEL_INVALID for a graph at `path` that cannot be loaded; UNREADABLE_INPUT where the right to read it is missing. */
export function loadFailure(path: string, cause: unknown): TailrecError {
  if (cause instanceof TailrecError) return cause;
  if (isDenied(cause) || /permission denied/i.test(messageOf(cause))) {
    return readError(path, Object.assign(new Error(messageOf(cause)), { code: "EACCES" }));
  }
  const meaning = meaningOf(messageOf(cause), LOADING) ?? "its graph is not valid; export it again";
  return new TailrecError("MODEL_INVALID", `${path}: ONNX Runtime cannot load it: ${meaning}`, { cause });
}

/** MODEL_INVALID for a graph that cannot be run on inputs of these shapes; `remedy` is what its task can advise. */
export function runFailure(
  path: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  remedy: string,
  cause: unknown,
): TailrecError {
  const given = Object.entries(shapes).map(([name, shape]) => `${excerpt(name, 40)} ${shape.join(" x ") || "scalar"}`);
  const operator = /while running (\w+) node/.exec(messageOf(cause))?.[1];
  const place = operator === undefined ? "" : ` in its operator ${operator}`;
  const meaning = meaningOf(messageOf(cause), RUNNING);
  const advice = [meaning, remedy].filter((part) => part !== undefined).join("; ");
  return new TailrecError(
    "MODEL_INVALID",
    `${path}: the graph fails${place} on inputs of ${given.join(", ")}: ${advice}`,
    { cause },
  );
}

function meaningOf(text: string, meanings: readonly Meaning[]): string | undefined {
  for (const [pattern, meaning] of meanings) {
    const found = pattern.exec(text);
    if (found !== null) return meaning.replace("$1", found.slice(1).find((part) => part !== undefined) ?? "of its own");
  }
  return undefined;
}
