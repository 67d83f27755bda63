/** Rows that are lent: written in place, in the room behind them, and given back. */
import { describe, expect, it } from "vitest";
import { sharedBytesWithRoom, sharedFloat32 } from "../../src/math/compute/shared-memory.ts";
import { createLentRows } from "../../src/math/growing-rows.ts";

const COLUMNS = 3;

function numbers(rows: number, room: number): Float32Array {
  const bytes = sharedBytesWithRoom(4 * COLUMNS * rows, 4 * COLUMNS * room);
  return fill(new Float32Array(bytes.buffer, 0, COLUMNS * rows));
}

function fill(values: Float32Array): Float32Array {
  for (let place = 0; place < values.length; place++) values[place] = place;
  return values;
}

describe("lent rows", () => {
  it("lie where they lay, with those that came behind them, as long as there is room", () => {
    const initial = numbers(4, 2);
    const rows = createLentRows(initial, COLUMNS);
    const before = rows.view();
    for (const row of [1, 4, 5, 5]) rows.open(row).fill(row);
    expect(rows.rows).toBe(6);
    expect(rows.view().buffer).toBe(initial.buffer);
    expect([...rows.lent(1), ...rows.lent(2)]).toEqual([3, 4, 5, 6, 7, 8]);
    expect([...rows.view()]).toEqual([0, 1, 2, 1, 1, 1, 6, 7, 8, 9, 10, 11, 4, 4, 4, 5, 5, 5]);
    expect([...before.subarray(3, 6)]).toEqual([1, 1, 1]);
  });

  it("move to memory of their own once the room is full, and leave their owner's alone from then on", () => {
    const initial = numbers(4, 1);
    const rows = createLentRows(initial, COLUMNS);
    for (const row of [4, 5]) rows.open(row).fill(row);
    rows.open(0).fill(9);
    expect([...rows.view()]).toEqual([9, 9, 9, 3, 4, 5, 6, 7, 8, 9, 10, 11, 4, 4, 4, 5, 5, 5]);
    expect([...initial]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("never reach into what lies behind memory that was not made with room", () => {
    const whole = fill(sharedFloat32(5 * COLUMNS));
    const rows = createLentRows(whole.subarray(0, 4 * COLUMNS), COLUMNS);
    rows.open(4).fill(7);
    expect([...whole.subarray(4 * COLUMNS)]).toEqual([12, 13, 14]);
    expect([...rows.view().subarray(4 * COLUMNS)]).toEqual([7, 7, 7]);
  });

  it.each([0, 3])("are given back as they were, with room for %d more, and take nothing after", (room) => {
    const initial = numbers(4, room);
    const before = [...initial];
    const rows = createLentRows(initial, COLUMNS);
    for (const row of [2, 0, 4, 2, 5]) rows.open(row).fill(-1);
    rows.restore();
    expect([...initial]).toEqual(before);
    rows.open(1).fill(-1);
    rows.restore();
    expect([...initial]).toEqual(before);
  });
});
