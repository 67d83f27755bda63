import { describe, expect, it } from "vitest";
import { z } from "zod";
import { TailrecError } from "../src/errors.ts";
import { nearestName, parseOptions } from "../src/options.ts";

const schema = z.strictObject({
  rank: z.int().min(1).default(64),
  regularization: z.number().positive().default(0.01),
  solver: z.strictObject({ iterations: z.int().default(10) }).prefault({}),
  sources: z.array(z.strictObject({ path: z.string(), weight: z.number().default(1) })).default([]),
  events: z.record(z.string(), z.strictObject({ weight: z.number() })).default({}),
  text: z.union([z.null(), z.strictObject({ encoder: z.string() })]).default(null),
});

describe("parseOptions", () => {
  it("fills every default", () => {
    expect(parseOptions(schema, {}, "als")).toEqual({
      rank: 64,
      regularization: 0.01,
      solver: { iterations: 10 },
      sources: [],
      events: {},
      text: null,
    });
  });

  it("names the stage, the unknown key and the nearest known one", () => {
    expect(messageOf({ regularisation: 1 })).toBe('als: unknown key "regularisation", did you mean "regularization"?');
  });

  it("lists the known keys when none is near", () => {
    expect(messageOf({ temperature: 1 })).toContain("known keys: rank, regularization, solver, sources, events, text");
  });

  it("reports every wrong key in one message", () => {
    const message = messageOf({ ranks: 1, solvers: {}, regularization: -1 });
    expect(message).toContain('did you mean "rank"');
    expect(message).toContain('did you mean "solver"');
    expect(message).toContain("regularization: ");
  });

  it.each([
    ["an object", { solver: { iteration: 3 } }, '"solver.iteration", did you mean "iterations"'],
    ["a list", { sources: [{ path: "a" }, { pth: "b", path: "b" }] }, '"sources.1.pth", did you mean "path"'],
    ["a record", { events: { view: { wieght: 1, weight: 1 } } }, '"events.view.wieght", did you mean "weight"'],
  ])("gives the full path of a key inside %s", (_, value, expected) => {
    expect(messageOf(value)).toContain(expected);
  });

  it("says what type was expected and what was received", () => {
    expect(messageOf({ rank: "64" })).toMatch(/rank: .*expected.*number.*received string/);
    expect(messageOf(7)).toMatch(/value: .*expected object/);
  });

  it("speaks of the alternative whose type fits, and of all when none does", () => {
    expect(messageOf({ text: { encodr: "small", encoder: "x" } })).toBe(
      'als: unknown key "text.encodr", did you mean "encoder"?',
    );
    expect(messageOf({ text: { encoder: 7 } })).toMatch(/^als: text\.encoder: .*expected string, received number$/);
    expect(messageOf({ text: 7 })).toMatch(/^als: text: .*expected null.*, or .*expected object/);
  });

  it("throws INVALID_OPTIONS with the schema's own error as cause", () => {
    const error = failureOf({ rank: 0 });
    expect(error.code).toBe("INVALID_OPTIONS");
    expect(error.cause).toBeInstanceOf(z.ZodError);
  });
});

describe("nearestName", () => {
  it("ignores case and picks the nearest of several", () => {
    expect(nearestName("Titel", ["title", "tile", "item"])).toBe("title");
  });

  it("suggests nothing when everything is far", () => {
    expect(nearestName("price", ["description", "timestamp"])).toBeUndefined();
    expect(nearestName("price", [])).toBeUndefined();
  });

  it("allows two edits in a short name and a third of a long one", () => {
    expect(nearestName("usr", ["user"])).toBe("user");
    expect(nearestName("abc", ["xyz"])).toBeUndefined();
    expect(nearestName("regularzationexponnt", ["regularizationExponent"])).toBe("regularizationExponent");
  });
});

function failureOf(value: unknown): TailrecError {
  try {
    parseOptions(schema, value, "als");
  } catch (error) {
    if (error instanceof TailrecError) return error;
    throw error;
  }
  throw new Error("expected parseOptions to refuse the value");
}

function messageOf(value: unknown): string {
  return failureOf(value).message;
}
