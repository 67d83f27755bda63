/** A short form of `npm run test:chaos`, with the same faults in smaller numbers. */
import { expect, it } from "vitest";
import { faultKinds } from "./faults.ts";
import { tryFaults } from "./trials.ts";

it("a hostile machine loses nothing, breaks nothing down and leaves nothing behind", async () => {
  const tolls = await tryFaults(faultKinds, { extent: "short", seed: 1, seconds: Number.POSITIVE_INFINITY });
  expect(tolls.flatMap(({ name, cases }) => cases.map(({ harm, words }) => `${name}, ${harm}: ${words}`))).toEqual([]);
  // The kernel alone may be missing, and says so.
  expect(tolls.filter(({ tried, means }) => tried === 0 && means === "")).toEqual([]);
}, 300_000);
