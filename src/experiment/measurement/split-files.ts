/** The splits of protocols that ask users, as files: what they are, with users' lists measured on their held-out part. */
import type { Split } from "../../data/splits/split.ts";
import type { SplitFiles } from "./protocol.ts";

export const splitsForUsers: SplitFiles<unknown, Split> = {
  written: (split) => ({ split }),
  asked: ({ train, test }) => ({ train, test }),
};
