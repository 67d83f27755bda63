/** Options that requests for lists share: each has one meaning and one schema. */
import { z } from "zod";

export const countOption = z.int().positive().default(10).describe("how many items to list");

export const tailOption = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe("0: popular items first, 1: no regard to popularity; the bundle's own where absent");

export const newPlacesOption = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe("share of a user's places that is kept for new items; 0 lists them where they rank");
