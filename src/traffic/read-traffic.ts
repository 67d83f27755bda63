/** The log of a service as reports read it: lists that were given, and what people did. A service may be writing meanwhile. */
import { join } from "node:path";
import { z } from "zod";
import { readRecordLog } from "../data/ingest/service-log/record-lines.ts";
import { type Exposure, exposureSchema } from "./exposure.ts";

const actionSchema = z.object({
  id: z.string(),
  user: z.string(),
  item: z.string(),
  event: z.string(),
  time: z.string(),
  requestId: z.string().optional(),
});

export type Action = z.output<typeof actionSchema>;

export interface Traffic {
  readonly exposures: readonly Exposure[];
  /** In the order of the log. */
  readonly actions: readonly Action[];
}

/** FILE_NOT_FOUND where there is no log, UNREADABLE_INPUT where it is damaged. */
export async function readTraffic(folder: string): Promise<Traffic> {
  const [shown, done] = await Promise.all(
    ["exposures.jsonl", "events.jsonl"].map((name) => readRecordLog(join(folder, name))),
  );
  return {
    exposures: shown.flatMap((record) => exposureSchema.safeParse(record).data ?? []),
    actions: done.flatMap((record) => actionSchema.safeParse(record).data ?? []),
  };
}
