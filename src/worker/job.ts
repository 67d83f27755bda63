/** What a job of a worker is: columns in, rows out. `job-kinds.ts` lists the jobs that there are. */
import type { InputRows, OutputColumn, OutputRow } from "./record.ts";

export interface OpenedJob {
  /** Columns that the input must have. */
  readonly needs: readonly string[];
  /** Those of the output, beside `quarantine`. */
  readonly columns: readonly OutputColumn[];
  /** One row for each that is given, in their order. A row whose `quarantine` is not null says why it has no result. */
  run(rows: InputRows): Promise<readonly OutputRow[]>;
  /** Rows after the last batch: what a job has added up. Such a job gives a row for each that is set aside alone. */
  finish?(): Promise<readonly OutputRow[]>;
  close(): Promise<void>;
}
