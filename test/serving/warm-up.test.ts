/** What first requests would wait for is made before anybody asks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeptEncoders } from "../../src/encoders/run/kept-encoders.ts";
import { type BundleSession, openBundle } from "../../src/serving/bundle-session.ts";
import { embedTogether } from "../../src/serving/vectors/new-item-batches.ts";
import { embedItemsFrom } from "../../src/serving/vectors/new-items.ts";
import { warmUp } from "../../src/serving/warm-up.ts";
import { makeTinyBundle, type TinyBundle } from "../service/tiny-bundle.ts";

let tiny: TinyBundle;
let session: BundleSession;
const kept = createKeptEncoders();
beforeAll(async () => {
  tiny = await makeTinyBundle();
  session = await openBundle(tiny.bundle, {});
}, 60_000);
afterAll(async () => {
  await kept.close();
  await tiny?.remove();
});

/** The session, and what was made of it. */
function watched() {
  const made: string[] = [];
  const takers: BundleSession["takers"] = {
    ...session.takers,
    userGroups: () => {
      made.push("groups");
      return session.takers.userGroups();
    },
  };
  const evidence = () => {
    made.push("evidence");
    return session.evidence();
  };
  return { made, session: { ...session, takers, evidence } };
}

describe("a warm-up", () => {
  it("makes the groups of users and what explanations are drawn from, and embeds", async () => {
    const { made, session: cold } = watched();
    const embedded: string[] = [];
    const embedOne = embedTogether((items, context) => {
      embedded.push(...items.map(({ title }) => String(title)));
      return embedItemsFrom(session.bundle, { items }, { ...context, kept });
    });
    expect(await warmUp(cold, embedOne)).toEqual([]);
    expect(made.sort()).toEqual(["evidence", "groups"]);
    expect(embedded).toEqual(["warm"]);
  });

  it("says what failed, and makes the rest", async () => {
    const { made, session: cold } = watched();
    const reasons = await warmUp(cold, () => Promise.reject(new Error("no encoder")));
    expect(reasons).toEqual([new Error("no encoder")]);
    expect(made.sort()).toEqual(["evidence", "groups"]);
  });
});
