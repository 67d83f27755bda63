/** The `execution:` part of a pipeline file: where its work is done. Nothing here changes a result. */
import { z } from "zod";

export const engines = ["local", "jobs", "spark"] as const;

export const executionOptionsSchema = z.strictObject({
  engine: z
    .enum(engines)
    .default("local")
    .describe(
      "local: one process does everything; jobs: `tailrec run --stage` does it in parts that any scheduler starts; spark: python -m tailrec_spark starts them",
    ),
  shards: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe("parts in which jobs encode the items, an item's part being a hash of its id"),
});

export type ExecutionOptions = z.output<typeof executionOptionsSchema>;
