/**
 * What a split itself may leak: features fitted on items that it hides, and training interactions from after the moment at
 * which the test begins.
 */
import { type Interactions, itemSupport } from "../data/interactions.ts";
import type { LeakFinding } from "./finding.ts";
import type { SplitCheck } from "./leak-check.ts";

const HIDDEN = "hidden-vocabulary";
const FUTURE = "future-interactions";

/** `fittedOn`: the rows that vocabularies, levels and projections were fitted on. */
export function hiddenRowsFinding(
  protocol: string,
  fittedOn: ArrayLike<number>,
  support: ArrayLike<number>,
): LeakFinding {
  const hidden = Array.from(fittedOn).filter((row) => support[row] === 0);
  return {
    check: HIDDEN,
    protocol,
    state: hidden.length === 0 ? "clean" : "stop",
    summary: `vocabularies, levels, scales and projections were fitted on ${fittedOn.length} items, ${hidden.length} of them without a training interaction`,
    examples: hidden.slice(0, 3).map((row) => `item row ${row}`),
  };
}

/**
 * A global split in time promises that no training interaction is later than `from`, the first moment of the test side. A
 * split by user promises it for the user's own interactions only, which says so.
 */
export function futureFinding(
  protocol: string,
  train: Interactions,
  test: Interactions,
  isGlobal: boolean,
): LeakFinding {
  const base = { check: FUTURE, protocol, examples: [] } as const;
  if (train.times === undefined || test.times === undefined) {
    return { ...base, state: "unchecked", summary: "the interactions have no times" };
  }
  const late = isGlobal ? laterThan(train.times, earliest(test.times)) : laterThanOwn(train, test);
  const among = `${late} of ${train.indices.length} training interactions are later than`;
  const promise = isGlobal ? "the first held-out one" : "the same user's first held-out one";
  const note = isGlobal
    ? ""
    : ", which is what this split promises; other users' may be (a global time split rules that out)";
  return { ...base, state: late === 0 ? "clean" : "stop", summary: `${among} ${promise}${late === 0 ? note : ""}` };
}

function earliest(times: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  // Unknown times are NaN and smaller than nothing.
  for (const time of times) if (time < least) least = time;
  return least;
}

function laterThan(times: Float64Array, moment: number): number {
  return times.reduce((count, time) => (time > moment ? count + 1 : count), 0);
}

function laterThanOwn(train: Required<Interactions> | Interactions, test: Interactions): number {
  let count = 0;
  for (let user = 0; user < test.rows; user++) {
    const from = earliest((test.times ?? new Float64Array()).subarray(test.indptr[user], test.indptr[user + 1]));
    count += laterThan((train.times ?? new Float64Array()).subarray(train.indptr[user], train.indptr[user + 1]), from);
  }
  return count;
}

export const hiddenVocabularyCheck: SplitCheck = {
  of: "split",
  name: HIDDEN,
  check: ({ protocol, fittedOn, train }) => hiddenRowsFinding(protocol, fittedOn, itemSupport(train)),
};

/** Asked of splits that promise an order in time. */
export const futureCheck: SplitCheck = {
  of: "split",
  name: FUTURE,
  check: ({ protocol, train, test, order }) =>
    order === "latest" || order === "time" ? futureFinding(protocol, train, test, order === "time") : undefined,
};
