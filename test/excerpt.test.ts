import { describe, expect, it } from "vitest";
import { excerpt, listNames } from "../src/excerpt.ts";

describe("excerpt", () => {
  it("keeps a short line as it is", () => expect(excerpt("naïve, 12,99 €")).toBe("naïve, 12,99 €"));

  it.each([
    ["line ends and controls", "a\r\nb\0c\u001b[31m", "a b c [31m"],
    ["marks that turn the direction of text", "abc\u202edef\u2066", "abc def"],
    ["half an emoji and damage", "a\ud83c b\ufffd", "a  b"],
  ])("takes away %s", (_, text, shown) => expect(excerpt(text)).toBe(shown));

  it("cuts at the limit, never through an emoji", () => {
    expect(excerpt("abcdef", 4)).toBe("abc…");
    expect(excerpt("ab🎈cd", 4)).toBe("ab…");
  });
});

describe("listNames", () => {
  it("shows the first names and counts the rest", () => {
    expect(listNames(["a", "b\n"])).toBe("a, b");
    expect(listNames(["a", "b", "c"], 2)).toBe("a, b and 1 more");
    expect(listNames(["x".repeat(1000)]).length).toBe(60);
  });
});
