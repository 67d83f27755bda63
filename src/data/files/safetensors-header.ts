/**
 * The header of a safetensors file, checked as the format demands: a plausible length, a JSON object, known types, byte
 * ranges that fit their shapes and tile the data from its first byte to its last.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";

export const TENSOR_ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;

export type TensorType = keyof typeof TENSOR_ARRAYS;

const count = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.enum(Object.keys(TENSOR_ARRAYS) as [TensorType, ...TensorType[]]),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string()).default({});

export type HeaderEntry = z.output<typeof entrySchema>;

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly (readonly [string, HeaderEntry])[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data begin in the file. */
  readonly start: number;
}

/** Of a file, or of its beginning with the length of the whole. Throws UNREADABLE_INPUT naming the file and the offset at fault. */
export function readHeader(bytes: Uint8Array, name: string, fileLength = bytes.length): Header {
  const { json, start } = headerJson(bytes, name);
  const { __metadata__, ...rest } = json;
  const metadata = checked(metadataSchema, __metadata__, `${name}: metadata`);
  const entries = Object.entries(rest)
    .map(([tensor, entry]) => [tensor, checked(entrySchema, entry, `${name}: tensor "${tensor}"`)] as const)
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  requireTiling(entries, fileLength, start, name);
  return { entries, metadata, start };
}

function headerJson(bytes: Uint8Array, name: string): { json: Record<string, unknown>; start: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 8) throw unreadable(name, `expected at least 8 bytes, received ${buffer.length}`);
  const start = 8 + Number(buffer.readBigUInt64LE());
  if (start > buffer.length) {
    throw unreadable(name, `offset 0: the header ends at byte ${start}, the file at byte ${buffer.length}`);
  }
  const json = parseObject(buffer.toString("utf8", 8, start));
  if (json === undefined) throw unreadable(name, "offset 8: expected a JSON object as the header");
  return { json, start };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function requireTiling(entries: Header["entries"], fileLength: number, start: number, name: string): void {
  let end = 0;
  for (const [tensor, { dtype, shape, data_offsets }] of entries) {
    const length = shape.reduce((product, size) => product * size, TENSOR_ARRAYS[dtype].BYTES_PER_ELEMENT);
    const [begin, stop] = data_offsets;
    if (begin !== end || stop - begin !== length) {
      const expected = `expected bytes ${end} to ${end + length} for ${dtype} [${shape}]`;
      throw unreadable(name, `offset ${start + begin}: tensor "${tensor}": ${expected}, received ${begin} to ${stop}`);
    }
    end = stop;
  }
  if (start + end !== fileLength) {
    throw unreadable(name, `offset ${start + end}: the tensors end here, the file at byte ${fileLength}`);
  }
}

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(where, `${issue.path.join(".")}: ${issue.message}`, parsed.error);
}

function unreadable(where: string, detail: string, cause?: unknown): TailrecError {
  return new TailrecError(
    "UNREADABLE_INPUT",
    `${where}: ${detail}; the file is damaged or not safetensors, write it again`,
    {
      cause,
    },
  );
}
