/** A short form of `npm run test:chaos`, with the same faults in smaller numbers. */
import { expect, it } from "vitest";
import { faultKinds } from "./faults.ts";
import { tryFaults } from "./trials.ts";

it("a hostile machine loses nothing, breaks nothing down and leaves nothing behind", async () => {
  const tolls = await tryFaults(faultKinds, { extent: "short", seed: 1, seconds: 60 });
  expect(tolls.flatMap(({ name, cases }) => cases.map(({ harm, words }) => `${name}, ${harm}: ${words}`))).toEqual([]);
}, 120_000);
