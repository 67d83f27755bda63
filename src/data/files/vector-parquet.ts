/** A vector table as Parquet: id VARCHAR, the further columns, vector FLOAT[]. */
import type { DuckDBValue } from "@duckdb/node-api";
import { rowOf } from "../../math/matrix.ts";
import { fillParquetFile, type ParquetColumn, vectorCell } from "./parquet-file.ts";
import type { ExtraColumn, VectorTable } from "./vector-table.ts";

interface Column extends ParquetColumn {
  readonly at: (row: number) => DuckDBValue;
}

/** Writes the file at `path`. */
export async function fillParquet(path: string, table: VectorTable): Promise<void> {
  const columns = columnsOf(table);
  await fillParquetFile(path, columns, [{ rows: table.ids.length, cells: columns.map(({ at }) => at) }]);
}

function columnsOf({ ids, vectors, extra = {} }: VectorTable): Column[] {
  return [
    { name: "id", type: "text", at: (row) => ids[row] },
    ...Object.entries(extra).map(
      ([name, values]): Column => ({ name, type: typeOf(values), at: (row) => values[row] }),
    ),
    { name: "vector", type: "vector", at: (row) => vectorCell(rowOf(vectors, row)) },
  ];
}

function typeOf(column: ExtraColumn): ParquetColumn["type"] {
  if (column instanceof Float32Array) return "float";
  return column instanceof Uint32Array ? "count" : "text";
}
