/** The state that answers, and while another bundle is taken up the one that follows it: both are told of every change. */
import type { LiveState } from "./live-state.ts";

export interface States {
  /** Told of changes on behalf of both; answers by the leading one. */
  readonly all: LiveState;
  follow(state: LiveState): void;
  lead(state: LiveState): void;
}

export function createStates(first: LiveState): States {
  let leading = first;
  let following: LiveState | undefined;
  const both = (): readonly LiveState[] => (following === undefined ? [leading] : [leading, following]);
  const all: LiveState = {
    current: () => leading.current(),
    hasEvent: (id) => leading.hasEvent(id),
    reserve: (id) => {
      for (const state of both()) state.reserve(id);
    },
    release: (id) => {
      for (const state of both()) state.release(id);
    },
    count: (event) => {
      for (const state of both()) state.count(event);
    },
    prepare: async (change, context) => {
      const prepared = await leading.prepare(change, context);
      return async () => {
        await prepared();
        if (following !== undefined) await (await following.prepare(change, context))();
      };
    },
    publish: () => {
      for (const state of both()) state.publish();
    },
    forget: (user) => {
      for (const state of both()) state.forget(user);
    },
    settled: async () => {
      for (const state of both()) await state.settled();
    },
  };
  return {
    all,
    follow: (state) => {
      following = state;
    },
    lead: (state) => {
      leading = state;
      following = undefined;
    },
  };
}
