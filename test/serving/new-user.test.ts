import { describe, expect, it } from "vitest";
import type { Attribute } from "../../src/data/catalog.ts";
import { fitUserPrior } from "../../src/hybrid/user-prior.ts";
import { createRandom } from "../../src/math/random.ts";
import { newUserAttributes } from "../../src/serving/requests/new-user.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions } = makeWorld(1, { users: 40, items: 20, perUser: 4 });
const known: readonly Attribute[] = [
  { name: "segment", kind: "category", values: Array.from({ length: 40 }, (_, u) => [u % 2 === 0 ? "home" : "city"]) },
  { name: "age", kind: "number", values: Float64Array.from({ length: 40 }, (_, u) => 20 + u) },
];
const prior = await fitUserPrior(known, randomMatrix(createRandom(1), 40, 3), interactions);

describe("what is said of someone new", () => {
  it("is one row of the attributes that the bundle knows", () => {
    expect(newUserAttributes(prior, { age: "31", segment: "city" })).toEqual([
      { name: "age", kind: "number", values: Float64Array.of(31) },
      { name: "segment", kind: "category", values: [["city"]] },
    ]);
  });

  it("is refused where it is misspelt, with the nearest name", () => {
    expect(() => newUserAttributes(prior, { sgment: "city" })).toThrow(
      'no user attribute "sgment"; did you mean "segment"?',
    );
    expect(() => newUserAttributes(prior, { segment: "citty" })).toThrow(
      'no known segment "citty"; did you mean "city"?',
    );
    expect(() => newUserAttributes(prior, { segment: "countryside" })).toThrow("known: city, home");
    expect(() => newUserAttributes(prior, { age: "young" })).toThrow('expected a number for age, received "young"');
  });

  it("is refused where the bundle knows nothing of users", () => {
    expect(() => newUserAttributes(undefined, { segment: "city" })).toThrow("name a users file in the pipeline");
  });
});
