/**
 * One user under two ids ("U12", "u12 ", "u012"): what one id holds out, the other trains on. Ids are compared without case,
 * blanks, punctuation and leading zeros.
 */
import type { LeakFinding } from "./finding.ts";
import type { DataCheck } from "./leak-check.ts";
import type { LeakOptions } from "./leak-options.ts";

/** Groups of ids, two or more, that are one id in other forms; in the order of their first ids. */
export function sameUserIds(ids: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const id of ids) groups.set(formOf(id), [...(groups.get(formOf(id)) ?? []), id]);
  return [...groups.values()].filter((group) => group.length > 1);
}

/** An id without a letter or digit is left as it is. */
function formOf(id: string): string {
  const plain = id
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
  return plain === "" ? id : plain.replace(/(?<!\p{N})0+(?=\p{N})/gu, "");
}

const EXAMPLES = 3;
const NAME = "same-user";

export function sameUserFinding(ids: readonly string[], { maximumSameUsers }: LeakOptions): LeakFinding {
  const groups = sameUserIds(ids);
  const doubled = groups.reduce((sum, group) => sum + group.length, 0);
  const share = ids.length === 0 ? 0 : doubled / ids.length;
  const percent = (value: number) => `${Number((100 * value).toFixed(2))} %`;
  return {
    check: NAME,
    protocol: null,
    state: doubled === 0 ? "clean" : share > maximumSameUsers ? "stop" : "warning",
    summary: `${doubled} of ${ids.length} user ids (${percent(share)}) are another one in other letter case, punctuation, spacing or zeros; more than ${percent(maximumSameUsers)} stop the run`,
    examples: groups.slice(0, EXAMPLES).map((group) =>
      group
        .slice(0, 4)
        .map((id) => JSON.stringify(id))
        .join(" and "),
    ),
  };
}

export const sameUserCheck: DataCheck = {
  of: "data",
  name: NAME,
  check: ({ userIds }, options) => sameUserFinding(userIds, options),
};
