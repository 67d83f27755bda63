/** Any source file to a raw table: the one choice between text and Parquet. */
import type { RunContext } from "../run-context.ts";
import { loadParquet } from "./parquet-table.ts";
import type { RawRequest, RawTable } from "./raw-table.ts";
import { loadText } from "./text-table.ts";

/** Creates `request.table`. Throws UNKNOWN_COLUMN, EMPTY_INPUT, UNREADABLE_INPUT. */
export async function loadSource(request: RawRequest, context: RunContext): Promise<RawTable> {
  return request.source.format === "parquet" ? loadParquet(request) : loadText(request, context);
}
