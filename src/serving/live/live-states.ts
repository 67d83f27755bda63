/** The state that answers, and beside it those that follow: of a bundle that is taken up, or of an experiment. All are told of every change. */
import { TailrecError } from "../../errors.ts";
import type { LiveState, PreparedChange } from "./live-state.ts";

export interface States {
  /** Told of changes on behalf of all; answers by the leading one. */
  readonly all: LiveState;
  /** Gives what ends it. */
  follow(state: LiveState): () => void;
  /** A follower takes the place of the leading one, which is told no more. */
  lead(state: LiveState): void;
}

export function createStates(first: LiveState): States {
  let leading = first;
  const following = new Set<LiveState>();
  const each = (tell: (state: LiveState) => void): void => {
    for (const state of [leading, ...following]) tell(state);
  };
  const all: LiveState = {
    current: () => leading.current(),
    hasEvent: (id) => leading.hasEvent(id),
    reserve: (id) => each((state) => state.reserve(id)),
    release: (id) => each((state) => state.release(id)),
    count: (event) => each((state) => state.count(event)),
    prepare: async (change, context) => {
      const { apply, caveats } = await leading.prepare(change, context);
      const applyToAll = async () => {
        await apply();
        for (const state of following) await followed(() => state.prepare(change, context));
      };
      return { apply: applyToAll, caveats };
    },
    publish: () => each((state) => state.publish()),
    forget: (user) => each((state) => state.forget(user)),
    erase: (erased) => each((state) => state.erase(erased)),
    forgetBefore: (time) => each((state) => state.forgetBefore(time)),
    giveBack: () => each((state) => state.giveBack()),
    settled: async () => {
      for (const state of [leading, ...following]) await state.settled();
    },
  };
  return {
    all,
    follow: (state) => {
      following.add(state);
      return () => following.delete(state);
    },
    lead: (state) => {
      following.delete(state);
      const before = leading;
      leading = state;
      before.giveBack();
    },
  };
}

/** A change that a follower's bundle does not take, such as an attribute that it does not know, is none of the caller's. */
async function followed(prepare: () => Promise<PreparedChange>): Promise<void> {
  try {
    await (await prepare()).apply();
  } catch (error) {
    if (!(error instanceof TailrecError)) throw error;
  }
}
