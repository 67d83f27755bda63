/** Factors that were fitted elsewhere, in place of ALS of one's own. */
import { z } from "zod";

const path = z.string().min(1);

export const factorsOptionsSchema = z.strictObject({
  items: path.describe(
    "Parquet of id and vector, a file or a folder, or a saved ALSModel of Spark MLlib, relative to the pipeline file; items that it lacks are solved from their interactions, and cold without any",
  ),
  users: path.nullable().default(null).describe("the same of users; null solves all users against the items"),
});

export type FactorsOptions = z.output<typeof factorsOptionsSchema>;
