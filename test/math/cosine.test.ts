import { describe, expect, it } from "vitest";
import { cosineOf, dot } from "../../src/math/cosine.ts";

describe("cosineOf", () => {
  it("is the inner product over both lengths", () => {
    const [x, y] = [Float32Array.of(3, 4, 0), Float32Array.of(0, 4, 3)];
    expect(dot(x, y)).toBe(16);
    expect(cosineOf(x, y)).toBeCloseTo(16 / 25, 12);
    expect(
      cosineOf(
        x,
        x.map((value) => -2 * value),
      ),
    ).toBeCloseTo(-1, 12);
  });

  it("says that zeros have no direction", () => {
    expect(cosineOf(Float32Array.of(0, 0), Float32Array.of(1, 2))).toBeNull();
  });
});
