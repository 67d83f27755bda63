/** Any source file to a raw table: the one choice between text and Parquet. */
import { TailrecError } from "../../errors.ts";
import type { RunContext } from "../../run-context.ts";
import { loadParquet } from "./parquet-table.ts";
import type { RawRequest, RawTable } from "./raw-table.ts";
import { messageOf } from "./source-file.ts";
import { loadText } from "./text-table.ts";

/** Creates `request.table`. Throws UNKNOWN_COLUMN, EMPTY_INPUT, UNREADABLE_INPUT, OUTPUT_FAILED. */
export async function loadSource(request: RawRequest, context: RunContext): Promise<RawTable> {
  const { path, format } = request.source;
  try {
    return await (format === "parquet" ? loadParquet(request) : loadText(request, context));
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    const message = `${path} could not be read as ${format} (${messageOf(cause)}); export it again or set "format"`;
    throw new TailrecError("UNREADABLE_INPUT", message, { cause });
  }
}
