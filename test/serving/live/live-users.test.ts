/** What the service remembers of users, and that nothing of it stays when it is to be forgotten. */
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../src/serving/live/live-event.ts";
import { createLiveUsers } from "../../../src/serving/live/live-users.ts";

const event = (user: string, item: string, minute = 0, kind: LoggedEvent["event"] = "view"): LoggedEvent => ({
  id: `${user}-${item}-${minute}`,
  user,
  item,
  event: kind,
  time: new Date(60_000 * minute).toISOString(),
});
const rowOf = (id: string) => Number(id);

describe("live users", () => {
  it("who are forgotten stand with no item, however long their history was", () => {
    const users = createLiveUsers();
    for (let item = 0; item < 500; item++) users.count(event("a", String(item)), 1);
    users.count(event("b", "0"), 1);
    expect(users.forget("a")).toHaveLength(500);
    expect(users.history("a", rowOf)).toBeUndefined();
    for (let item = 1; item < 500; item++) expect(users.meetings(String(item)).size).toBe(0);
    expect([...users.meetings("0").keys()]).toEqual(["b"]);
    expect(users.events).toBe(1);
  });

  it("keep an item as long as its latest event is kept, and what they dismissed likewise", () => {
    const users = createLiveUsers();
    users.count(event("a", "1", 1), 2);
    users.count(event("a", "1", 9), 3);
    users.count(event("a", "2", 2), 1);
    users.count(event("b", "2", 3), 1);
    users.count(event("a", "3", 2, "dismissal"), 0);
    users.count(event("a", "4", 8, "dismissal"), 0);
    expect(users.forgetBefore(5 * 60)).toEqual(["2"]);
    expect(users.history("a", rowOf)).toEqual({ rows: [1], weights: [5], times: [540], dismissed: [4] });
    expect(users.history("b", rowOf)).toBeUndefined();
    expect(users.events).toBe(2);
  });
});
