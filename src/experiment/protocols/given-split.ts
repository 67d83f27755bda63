/**
 * A split that somebody else made: training is `data.interactions`, and what users met next stands in `data.heldOut`. So any published
 * benchmark runs from a pipeline file. Items that training lacks are launched: they compete, and nobody has met them.
 */
import { z } from "zod";
import { type Interactions, itemSupport } from "../../data/interactions.ts";
import { type Split, sizesOf } from "../../data/splits/split.ts";
import { TailrecError } from "../../errors.ts";
import type { GivenSplit, Protocol } from "../measurement/protocol.ts";
import { measureUsers, splitsForUsers } from "../measurement/users-measurement.ts";
import { orderOf } from "./warm-tail.ts";

const optionsSchema = z.strictObject({
  order: z
    .enum(["auto", "latest", "random"])
    .default("auto")
    .describe("whether each user's latest interactions were held out, or random ones; auto asks the times"),
});

type GivenOptions = z.output<typeof optionsSchema>;

export const givenSplit = {
  name: "given-split",
  option: "givenSplit",
  schema: () =>
    optionsSchema
      .nullable()
      .default(null)
      .describe(
        "ask for what data.heldOut holds, after training on data.interactions; {} to measure it, null to leave out",
      ),
  splits: {
    option: "givenSplit",
    repeated: false,
    split: splitGiven,
    heldOut: ({ test }) => test,
    order: orderOf,
  },
  asks: "users",
  measure: (run, context) =>
    measureUsers(
      run,
      { curves: ["tail-dial", "length"], asked: ({ train, coldItems }) => launchedOf(train, coldItems) },
      context,
    ),
  words: () => ({
    title: "Given split",
    purpose:
      "The models train on one file and rank what the same users met in another. Slices are by how often the item was met in training.",
    headline: { slice: "all", candidates: "catalog" },
  }),
  files: splitsForUsers,
} as const satisfies Protocol<GivenOptions, Split>;

function splitGiven(train: Interactions, { order }: GivenOptions, { heldOut }: GivenSplit): Split {
  if (heldOut === undefined) {
    const message = "given-split: expected a file of held-out interactions, received none; name it in data.heldOut";
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  if (heldOut.indices.length === 0) {
    const message = `given-split: expected an interaction of a user whom training knows, with an item that is new to them, received none; check the ids of data.heldOut`;
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  const support = itemSupport(train);
  const asked = itemSupport(heldOut);
  const coldItems = Uint32Array.from(support.keys()).filter((item) => support[item] === 0 && asked[item] > 0);
  const split = { train, test: heldOut, coldItems };
  const found = order === "auto" ? orderOfTimes(train, heldOut) : order;
  return { ...split, description: { kind: "given-split", order: found, ...sizesOf(split) } };
}

/** "latest" where nearly every user's held-out interactions come after all of their own in training. */
function orderOfTimes(train: Interactions, test: Interactions): "latest" | "random" {
  let [asked, later] = [0, 0];
  for (let user = 0; user < test.rows; user++) {
    if (test.indptr[user + 1] === test.indptr[user]) continue;
    asked++;
    // Comparisons with an unknown time, which is NaN, are false.
    if (timesOf(test, user).reduce((a, b) => Math.min(a, b)) >= timesOf(train, user).reduce((a, b) => Math.max(a, b)))
      later++;
  }
  return later > 0.9 * asked ? "latest" : "random";
}

function timesOf({ indptr, times = new Float64Array() }: Interactions, user: number): Float64Array {
  const own = times.subarray(indptr[user], indptr[user + 1]);
  return own.length > 0 ? own : Float64Array.of(Number.NaN);
}

function launchedOf(train: Interactions, coldItems: Uint32Array): { launched?: Uint8Array } {
  if (coldItems.length === 0) return {};
  const launched = new Uint8Array(train.columns);
  for (const item of coldItems) launched[item] = 1;
  return { launched };
}
