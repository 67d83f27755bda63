/**
 * TensorFlow.js, as far as tailrec uses it: the instance that a caller hands in, or the best that is installed. Its native package
 * comes first; where that is missing or does not load, WebAssembly on one thread; else plain JavaScript.
 */
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { importOptional } from "../../optional-package.ts";

export interface TfjsTensor {
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** The functions of TensorFlow.js that training needs; the module itself fits. */
export interface Tfjs {
  ready(): Promise<void>;
  getBackend(): string;
  setBackend(name: string): Promise<boolean>;
  tensor2d(values: Float32Array, shape: [number, number]): TfjsTensor;
  matMul(a: TfjsTensor, b: TfjsTensor): TfjsTensor;
  add(a: TfjsTensor, b: TfjsTensor): TfjsTensor;
  sub(a: TfjsTensor, b: TfjsTensor): TfjsTensor;
  mul(a: TfjsTensor, b: TfjsTensor): TfjsTensor;
  relu(a: TfjsTensor): TfjsTensor;
  sign(a: TfjsTensor): TfjsTensor;
  transpose(a: TfjsTensor): TfjsTensor;
  sum(a: TfjsTensor, axis?: number, keepDims?: boolean): TfjsTensor;
  tidy<T>(work: () => T): T;
}

interface WasmBackend {
  setThreadsCount?(count: number): void;
}

export const TFJS_INSTALL = "npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm";

/** ENGINE_MISSING, with the line that installs it, where there is none. */
export async function loadTfjs(): Promise<Tfjs> {
  const native = await attempt("@tensorflow/tfjs-node");
  const found = native.loaded === undefined ? await attempt("@tensorflow/tfjs") : native;
  if (found.loaded === undefined) throw missing([native, found].flatMap(({ fault }) => fault ?? []));
  const tfjs = found.loaded as Tfjs;
  if (native.loaded === undefined) await useWasm(tfjs);
  await tfjs.ready();
  return tfjs;
}

/** The native package fails to load where its library was not built: then the others serve. */
async function attempt(name: string): Promise<{ readonly loaded?: object; readonly fault?: string }> {
  try {
    const loaded: { readonly default?: object } | undefined = await importOptional(name);
    return { loaded: loaded?.default ?? loaded };
  } catch (error) {
    return { fault: `${name} is there, and does not load: ${messageOf(error).split("\n")[0]}` };
  }
}

function missing(faults: readonly string[]): TailrecError {
  const found = faults.length === 0 ? "" : ` (${faults.join("; ")})`;
  return new TailrecError("ENGINE_MISSING", `TensorFlow.js is not installed${found}; install it: ${TFJS_INSTALL}`);
}

async function useWasm(tfjs: Tfjs): Promise<void> {
  const { loaded } = await attempt("@tensorflow/tfjs-backend-wasm");
  // One thread: the bytes of a net must not depend on how a machine cuts its sums.
  (loaded as WasmBackend | undefined)?.setThreadsCount?.(1);
  const isThere = loaded !== undefined && (await tfjs.setBackend("wasm"));
  if (!isThere) await tfjs.setBackend("cpu");
}
