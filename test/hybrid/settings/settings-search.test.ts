/** The order in which settings are decided: J first, then how far and which way new items are lifted, among near-ties of J. */
import { describe, expect, it } from "vitest";
import { UNTUNED } from "../../../src/hybrid/defaults.ts";
import type { Grid } from "../../../src/hybrid/settings/pattern-search.ts";
import type { SearchSettings } from "../../../src/hybrid/settings/setting-grid.ts";
import { searchSettings } from "../../../src/hybrid/settings/settings-search.ts";

const grid: Grid<SearchSettings> = {
  rounds: [0],
  alsUnobservedWeight: [1],
  alsRankTimes: [1],
  priorStrength: [1],
  channelWeight: [0, 0.4, 0.8],
  lift: [0, 0.5, 1],
  contentLift: [-1, 0, 1],
  userNormExponent: [0],
  recencyDecay: [0],
  userRegularization: [1],
  userUnobservedWeight: [1],
  userExposure: [2],
  tail: [0, 0.5, 1],
};

const users = 50;

/** Figures that gain a little in the mean: half of the users gain thirty times as much, the other half lose it. Nothing is clear. */
function noisy(gain: number, launched = 0.1) {
  const known = Float64Array.from({ length: users }, (_, user) => 0.5 + gain * (user % 2 === 0 ? 31 : -29));
  const byUser = { known, launched: new Float64Array(users).fill(launched) };
  return { known: 0.5 + gain, launched, objective: 0.8 * (0.5 + gain) + 0.2 * launched, byUser };
}

/** Figures that every user shares, so that every difference is clear. */
function shared(known: number, launched = 0.1) {
  const byUser = { known: new Float64Array(users).fill(known), launched: new Float64Array(users).fill(launched) };
  return { known, launched, objective: 0.8 * known + 0.2 * launched, byUser };
}

const distance = (settings: SearchSettings, to: Partial<SearchSettings>) =>
  Object.entries(to).reduce((sum, [name, value]) => sum + Math.abs(settings[name as keyof SearchSettings] - value), 0);

const search = (
  onPanel: (settings: SearchSettings) => ReturnType<typeof shared>,
  cold: (settings: SearchSettings) => number = () => 0,
  { trials = 60, values = grid } = {},
) => {
  const measures = {
    onPanel: async (settings: SearchSettings) => onPanel(settings),
    cold: async (settings: SearchSettings) => cold(settings),
  };
  return searchSettings(values, trials, { newShare: 0.2, launchedShare: 0.2 }, measures);
};

describe("the search of settings", () => {
  it("finds the hill of J where new items say nothing", async () => {
    const target = { channelWeight: 0.4, lift: 0.5, tail: 1 };
    const { chosen } = await search((settings) => shared(1 - distance(settings, target) / 10));
    expect(chosen).toMatchObject(target);
  });

  it("turns new items among themselves where J cannot tell, and lifts them by J", async () => {
    // J asks for a long new vector, whichever part makes it so; the order of cold items asks for little content.
    const { chosen, contentLift } = await search(
      (settings) => shared(1 - Math.abs(settings.lift + 0.5 * settings.contentLift - 0.5)),
      (settings) => 1 - distance(settings, { contentLift: -1 }) / 10,
    );
    expect(chosen).toMatchObject({ contentLift: -1, lift: 1 });
    expect(contentLift.map((trial) => trial.contentLift)).toEqual(grid.contentLift);
  });

  it("stays with the content lift that J found where cold items stand alike", async () => {
    const { chosen } = await search((settings) => shared(1 - distance(settings, { contentLift: 1 }) / 10));
    expect(chosen.contentLift).toBe(1);
  });

  it("does not turn new items where that clearly costs J at every lift", async () => {
    const { chosen } = await search(
      ({ contentLift }) => shared(1 - Math.abs(contentLift) / 10),
      (settings) => 1 - distance(settings, { contentLift: -1 }) / 10,
    );
    expect(chosen.contentLift).toBe(0);
  });

  it("lifts new items as far as J is within noise and more of them are clearly shown", async () => {
    const { chosen } = await search(({ lift }) => noisy(-0.001 * lift, 0.1 + 0.002 * lift));
    expect(chosen.lift).toBe(1);
  });

  it("doubles the rounds of training while each doubling is clearly better, and looks no further than one that is not", async () => {
    const values = { ...grid, rounds: [0, 1, 2, 4, 8, 16, 32] };
    const roundsOf = async (figures: (rounds: number) => ReturnType<typeof shared>) => {
      const { chosen, measured } = await search(({ rounds }) => figures(rounds), undefined, { values });
      return [chosen.rounds, Math.max(...measured.map(({ point }) => point.rounds))];
    };
    expect(await roundsOf((rounds) => shared(0.5 + Math.min(rounds, 8) / 100))).toEqual([8, 16]);
    expect(await roundsOf((rounds) => shared(0.5 + Math.min(rounds, 2) / 100))).toEqual([2, 4]);
    expect(await roundsOf((rounds) => (rounds < 4 ? shared(0.5 + rounds / 100) : noisy(rounds / 1000)))).toEqual([
      2, 4,
    ]);
  });

  it("measures no point twice", async () => {
    const seen: string[] = [];
    const { measured } = await search((settings) => {
      seen.push(JSON.stringify(settings));
      return shared(1 - distance(settings, { tail: 0.5 }));
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(measured).toHaveLength(seen.length);
  });

  it("keeps to its trials, but for the lifts that follow the search", async () => {
    const { measured } = await search(() => shared(0.5), undefined, { trials: 4 });
    expect(measured.length).toBeLessThanOrEqual(4 + 1 + grid.contentLift.length * grid.lift.length);
  });

  it("leaves the user solve as ALS has it where another is better by chance alone", async () => {
    const values = { ...grid, userRegularization: [1, 3, 10], userUnobservedWeight: [0.3, 1, 3] };
    const gain = ({ userRegularization }: SearchSettings) => 0.01 * userRegularization;
    const clear = await search((settings) => shared(0.5 + gain(settings)), undefined, { values });
    expect(clear.chosen).toMatchObject({ userRegularization: 10, userUnobservedWeight: 1 });
    const byChance = await search((settings) => noisy(gain(settings)), undefined, { values });
    expect(Math.max(...byChance.measured.map(({ point }) => point.userRegularization))).toBe(10);
    expect(byChance.chosen).toMatchObject({ userRegularization: 1, userUnobservedWeight: 1 });
  });

  it("takes the best of what is clearly better, whatever is better by chance", async () => {
    const values = { ...grid, userUnobservedWeight: [0.1, 0.3, 1] };
    const { chosen } = await search(
      ({ userUnobservedWeight }) =>
        userUnobservedWeight === 0.1 ? noisy(0.02) : shared(userUnobservedWeight === 0.3 ? 0.51 : 0.5),
      undefined,
      { values },
    );
    expect(chosen.userUnobservedWeight).toBe(0.3);
  });

  it("looks at a second hill of the user solve, and goes up there unless it is clearly lower", async () => {
    const values = { ...grid, userRegularization: [1, 3, 10], userUnobservedWeight: [0.1, 0.3, 1] };
    const at = async (top: number) => {
      const height = ({ userUnobservedWeight, userRegularization }: SearchSettings) => {
        if (userUnobservedWeight === 1 && userRegularization === 1) return 0.5;
        if (userUnobservedWeight === 1 || userRegularization === 1) return 0.4;
        return top - (userUnobservedWeight === 0.1 ? 0.02 : 0);
      };
      const { chosen, measured } = await search((settings) => shared(height(settings)), undefined, { values });
      const beyond = measured.filter(({ point }) => point.userUnobservedWeight < 1 && point.userRegularization > 1);
      return [chosen.userUnobservedWeight, chosen.userRegularization > 1, beyond.length > 1];
    };
    expect(await at(0.6)).toEqual([0.3, true, true]);
    expect(await at(0.45)).toEqual([1, false, false]);
  });

  it("goes far in the user solve where that pays: the more weighs what is not taken, the less a user is regularised", async () => {
    const values = {
      ...grid,
      userRegularization: [0.1, 0.3, 1, 3, 10],
      userUnobservedWeight: [0.1, 0.3, 1, 3, 10, 30],
      userNormExponent: [0, 0.25, 0.5, 0.75],
    };
    const rightAt = (unobserved: number) => 10 / unobserved ** 1.1;
    const loss = ({ userUnobservedWeight: unobserved, userRegularization }: SearchSettings) =>
      0.02 * Math.log(30 / unobserved) + 0.01 * Math.abs(Math.log(userRegularization / rightAt(unobserved)));
    const { chosen } = await search((settings) => shared(0.9 - loss(settings)), undefined, { values, trials: 36 });
    expect(chosen).toMatchObject({ userUnobservedWeight: 30, userRegularization: 0.3 });
  });

  it("gives ALS more weight on what nobody took while each step is clearly better, and searches on from there", async () => {
    const values = { ...grid, alsUnobservedWeight: [1, 3, 10], userRegularization: [0.1, 0.3, 1, 3, 10] };
    const weightsOf = async (figures: (settings: SearchSettings) => ReturnType<typeof shared>) => {
      const { chosen, measured } = await search(figures, undefined, { values });
      return [chosen.alsUnobservedWeight, Math.max(...measured.map(({ point }) => point.alsUnobservedWeight))];
    };
    expect(await weightsOf(({ alsUnobservedWeight }) => shared(0.5 + alsUnobservedWeight / 100))).toEqual([10, 10]);
    expect(await weightsOf(({ alsUnobservedWeight }) => shared(0.5 + Math.min(alsUnobservedWeight, 3) / 100))).toEqual([
      3, 10,
    ]);
    expect(await weightsOf(({ alsUnobservedWeight }) => noisy(alsUnobservedWeight / 1000))).toEqual([1, 3]);
    const moved = await search(
      (settings) =>
        shared(
          0.5 +
            settings.alsUnobservedWeight / 100 -
            distance(settings, { tail: settings.alsUnobservedWeight === 10 ? 1 : 0 }) / 100,
        ),
      undefined,
      { values },
    );
    expect(moved.chosen).toMatchObject({ alsUnobservedWeight: 10, tail: 1 });
  });

  it("gives ALS more factors while each step is clearly better, and tries its weight again with them", async () => {
    const values = { ...grid, alsUnobservedWeight: [1, 3, 10], alsRankTimes: [1, 2, 4] };
    const timesOf = async (figures: (settings: SearchSettings) => ReturnType<typeof shared>) => {
      const { chosen, measured } = await search(figures, undefined, { values });
      const largest = (name: "alsRankTimes" | "alsUnobservedWeight") =>
        Math.max(...measured.map(({ point }) => point[name]));
      return [chosen.alsUnobservedWeight, chosen.alsRankTimes, largest("alsUnobservedWeight"), largest("alsRankTimes")];
    };
    expect(await timesOf(({ alsRankTimes }) => shared(0.5 + alsRankTimes / 100))).toEqual([1, 4, 3, 4]);
    expect(await timesOf(({ alsRankTimes }) => shared(0.5 + Math.min(alsRankTimes, 2) / 100))).toEqual([1, 2, 3, 4]);
    expect(await timesOf(({ alsRankTimes }) => noisy(alsRankTimes / 1000))).toEqual([1, 1, 3, 2]);
    const together = ({ alsRankTimes, alsUnobservedWeight }: SearchSettings) =>
      shared(0.5 + alsRankTimes / 100 - (alsRankTimes === 1 ? 1 : -1) * (alsUnobservedWeight / 1000));
    expect(await timesOf(together)).toEqual([10, 4, 10, 4]);
  });

  it("compares ALS of another weight with users as regularised as before", async () => {
    const values = { ...grid, alsUnobservedWeight: [1, 3, 10], userRegularization: [0.1, 0.3, 1, 3, 10] };
    const { measured } = await search(({ alsUnobservedWeight }) => shared(0.5 - alsUnobservedWeight / 100), undefined, {
      values,
    });
    const tried = measured.filter(({ point }) => point.alsUnobservedWeight > 1);
    expect(tried.map(({ point }) => [point.alsUnobservedWeight, point.userRegularization])).toEqual([[3, 3]]);
  });

  it("trains fewer rounds where J and new items are the same, and not where new items lose", async () => {
    const values = { ...grid, rounds: [0, 1, 2] };
    const better = ({ rounds }: SearchSettings) => 0.001 * rounds;
    const same = await search((settings) => noisy(better(settings)), undefined, { values });
    expect(same.chosen.rounds).toBe(0);
    const losing = await search((settings) => noisy(better(settings), 0.1 + better(settings)), undefined, { values });
    expect(losing.chosen.rounds).toBe(2);
  });

  it("takes what is set for every setting", async () => {
    const one = Object.fromEntries(Object.keys(grid).map((name) => [name, [UNTUNED[name as "lift"] ?? 0]]));
    const values = one as unknown as Grid<SearchSettings>;
    const { chosen, measured } = await search(() => shared(0.5), undefined, { values });
    expect(chosen).toEqual({ ...UNTUNED, rounds: 0, alsUnobservedWeight: 0, alsRankTimes: 0 });
    expect(measured).toHaveLength(1);
  });
});
