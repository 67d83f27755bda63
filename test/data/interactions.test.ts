import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions, itemSupport, takeInteractions } from "../../src/data/interactions.ts";
import { TailrecError } from "../../src/errors.ts";

const USERS = 6;
const ITEMS = 5;
const triplet = fc.record({
  user: fc.nat(USERS - 1),
  item: fc.nat(ITEMS - 1),
  value: fc.integer({ min: 1, max: 64 }).map((n) => n / 8),
  time: fc.oneof(fc.nat(20), fc.constant(Number.NaN)),
});
type Triplet = { user: number; item: number; value: number; time: number };

const columnsOf = (rows: readonly Triplet[]) => ({
  users: rows.map(({ user }) => user),
  items: rows.map(({ item }) => item),
  values: rows.map(({ value }) => value),
  times: rows.map(({ time }) => time),
});

/** The rows of one pair merged, the naive way. */
function mergeNaively(rows: readonly Triplet[], duplicates: "sum" | "max" | "last"): { value: number; time: number } {
  const known = rows.map(({ time }) => time).filter((time) => !Number.isNaN(time));
  const time = known.length === 0 ? Number.NaN : Math.max(...known);
  const latest = rows.filter((row) => Object.is(row.time, time)).at(-1);
  const values = rows.map(({ value }) => value);
  if (duplicates === "sum") return { value: values.reduce((a, b) => a + b), time };
  if (duplicates === "max") return { value: Math.max(...values), time };
  return { value: latest?.value ?? Number.NaN, time };
}

describe("createInteractions", () => {
  it("equals a naive grouping, for every way to merge", () => {
    fc.assert(
      fc.property(
        fc.array(triplet, { maxLength: 400, size: "max" }),
        fc.constantFrom("sum", "max", "last"),
        (rows, duplicates) => {
          const matrix = createInteractions(USERS, ITEMS, columnsOf(rows), duplicates);
          let place = 0;
          for (let user = 0; user < USERS; user++) {
            expect(matrix.indptr[user]).toBe(place);
            for (let item = 0; item < ITEMS; item++) {
              const same = rows.filter((row) => row.user === user && row.item === item);
              if (same.length === 0) continue;
              const expected = mergeNaively(same, duplicates);
              expect(matrix.indices[place]).toBe(item);
              expect(matrix.values[place]).toBe(expected.value);
              if (matrix.times !== undefined) expect(matrix.times[place]).toBe(expected.time);
              else expect(expected.time).toBe(Number.NaN);
              place++;
            }
          }
          expect([matrix.indptr[USERS], matrix.indices.length, matrix.values.length]).toEqual([place, place, place]);
        },
      ),
    );
  });

  it("has no times when none is known", () => {
    const triplets = { users: [0, 1], items: [0, 1], values: [1, 1] };
    expect(createInteractions(2, 2, triplets).times).toBeUndefined();
    expect(createInteractions(2, 2, { ...triplets, times: [Number.NaN, Number.NaN] }).times).toBeUndefined();
  });

  it("keeps values positive and finite in float32", () => {
    const huge = { users: [0, 0, 0], items: [0, 0, 1], values: [3e38, 3e38, 1e-300] };
    const { values } = createInteractions(1, 2, huge);
    expect([...values].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });

  it.each([
    ["a user out of range", { users: [2], items: [0], values: [1] }, "triplet 0"],
    ["a negative item", { users: [0], items: [-1], values: [1] }, "item in 0..1"],
    ["a fractional user", { users: [0.5], items: [0], values: [1] }, "received 0.5"],
    ["a value of zero", { users: [0], items: [0], values: [0] }, "finite value > 0"],
    ["NaN", { users: [0], items: [0], values: [Number.NaN] }, "received 0, 0, NaN"],
    ["infinity", { users: [0], items: [0], values: [Number.POSITIVE_INFINITY] }, "Infinity"],
    ["columns of unequal length", { users: [0, 1], items: [0], values: [1] }, "equal length"],
  ])("refuses %s", (_, triplets, said) => {
    const attempt = () => createInteractions(2, 2, triplets);
    expect(attempt).toThrow(TailrecError);
    expect(attempt).toThrow(said);
  });
});

describe("itemSupport", () => {
  it("counts the users of each item", () => {
    const matrix = createInteractions(3, 4, {
      users: [0, 1, 2, 0, 0],
      items: [1, 1, 1, 3, 3],
      values: [1, 1, 1, 1, 1],
    });
    expect([...itemSupport(matrix)]).toEqual([0, 3, 0, 1]);
  });
});

describe("takeInteractions", () => {
  const triplets = { users: [0, 1, 1, 2], items: [1, 0, 2, 1], values: [1, 2, 3, 4], times: [10, 20, 30, Number.NaN] };

  it("takes rows with their times, in the order asked for", () => {
    const taken = takeInteractions(createInteractions(3, 3, triplets), [2, 1]);
    expect(taken).toMatchObject({ rows: 2, columns: 3 });
    expect([...taken.indptr, ...taken.indices, ...taken.values]).toEqual([0, 1, 3, 1, 0, 2, 4, 2, 3]);
    expect([...(taken.times ?? [])]).toEqual([Number.NaN, 20, 30]);
  });

  it("invents no times", () => {
    const { times: _, ...timeless } = triplets;
    expect(takeInteractions(createInteractions(3, 3, timeless), [1]).times).toBeUndefined();
  });
});
