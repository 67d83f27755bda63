/** A list that was given to somebody, as the log keeps it: what reports are made from. */
import { z } from "zod";

export const exposureSchema = z.object({
  requestId: z.string(),
  user: z.string(),
  time: z.string(),
  bundle: z.string(),
  by: z.string(),
  experiment: z.string().optional(),
  variant: z.string().optional(),
  items: z.array(z.string()),
  /** Whose pick each item is, where two variants share the list. */
  teams: z.array(z.enum(["a", "b"])).optional(),
  /** Places of the list with items of little support, and with items that nobody met. */
  tail: z.int(),
  fresh: z.int(),
  /** Ids of the request that nobody knew. */
  unknown: z.int(),
  /** From the request to its list; absent in logs of earlier versions. */
  milliseconds: z.number().optional(),
});

export type Exposure = z.output<typeof exposureSchema>;

/** Support up to which an item counts as tail. */
export const TAIL_SUPPORT = 10;
