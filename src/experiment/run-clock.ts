/**
 * How far a whole run is, and what is left of it. Stages have the shares of time that they took in runs that were measured. What a
 * stage took on this machine and these data corrects the stages ahead; a stage that counts its own work is believed.
 */
import type { PipelineConfig } from "../config.ts";
import type { Progress, RunContext, RunProgress } from "../run-context.ts";
import type { Protocol } from "./measurement/protocol.ts";
import { askedGroups } from "./measurement/protocol-splits.ts";

export interface PlannedStage {
  readonly name: string;
  /** Expected time against that of the others. */
  readonly weight: number;
}

export interface RunClock {
  begin(stage: string): void;
  /** Ends the stage that began last. */
  end(): void;
  /** The context whose progress says how far the run is. */
  reporting<C extends RunContext>(context: C): C;
}

/** Seconds by stage of a middling run; encoding may be cached and judges no other stage. What the protocols take grows with the models. */
const WEIGHTS = { read: 2, encode: 10, settings: 20, aModel: 3.2, aModelOfItems: 0.5, fit: 7, report: 4, save: 1.5 };

/** The stages of a run, in order. */
export function planOf(
  { evaluation }: Pick<PipelineConfig, "evaluation">,
  protocols: readonly Protocol[],
  { evaluates, saves }: { readonly evaluates: boolean; readonly saves: boolean },
): PlannedStage[] {
  const { models, seeds } = evaluation;
  const asked = evaluates ? askedGroups(evaluation, protocols).flatMap((group) => group.protocols) : [];
  const measured = asked.map(({ name, asks, splits }) => {
    const each = asks === "items" ? WEIGHTS.aModelOfItems : WEIGHTS.aModel;
    return { name, weight: each * models.length * (splits.repeated ? (seeds?.length ?? 1) : 1) };
  });
  const weights = { ...WEIGHTS, settings: WEIGHTS.settings * (seeds?.length ?? 1) };
  const named = (names: readonly ("read" | "encode" | "settings" | "fit" | "report" | "save")[]) =>
    names.map((name) => ({ name, weight: weights[name] }));
  return [
    ...named(["read", "encode", "settings"]),
    ...measured,
    ...named(saves ? ["fit"] : []),
    ...named(evaluates ? ["report"] : []),
    ...named(saves ? ["save"] : []),
  ];
}

/** Nothing is said of the time left before so much of the run is over. */
const LEAST_SHARE = 0.1;

interface OpenStage {
  readonly name: string;
  spent: number;
  /** Share of its own work, where it counts that. */
  share?: number;
}

/** `now`: milliseconds. A stage outside the plan takes time of its own. */
export function createRunClock(plan: readonly PlannedStage[], now: () => number = () => performance.now()): RunClock {
  const ahead = new Map(plan.map(({ name, weight }) => [name, weight]));
  const weightOf = new Map(ahead);
  const open: OpenStage[] = [];
  let [last, spent] = [now(), 0];
  const judged = { spent: 0, weight: 0 };
  const tick = () => {
    const time = now();
    const stage = open.at(-1);
    if (stage !== undefined) stage.spent += time - last;
    last = time;
  };
  const judgedWeight = (name: string) => (name === "encode" ? 0 : (weightOf.get(name) ?? 0));
  const progressOf = (): RunProgress => {
    // A stage that counts its work tells how fast this machine is before it ends.
    let { spent: time, weight } = judged;
    for (const { name, spent: own, share = 0 } of open) {
      const whole = judgedWeight(name);
      if (whole === 0 || share <= LEAST_SHARE) continue;
      time += own;
      weight += share * whole;
    }
    const scale = weight > 0 ? time / weight : undefined;
    const opened = open.map(({ name, spent: own, share }) => {
      const planned = (weightOf.get(name) ?? 0) * (scale ?? 0);
      const whole = share !== undefined && share > LEAST_SHARE ? own / share : Math.max(planned, OVERRUN * own);
      return { own, left: whole - own };
    });
    const elapsed = spent + opened.reduce((sum, { own }) => sum + own, 0);
    const begun = opened.reduce((sum, { left }) => sum + left, 0);
    const later = [...ahead.values()].reduce((sum, weight) => sum + weight * (scale ?? 0), 0);
    const share = scale === undefined ? 0 : elapsed / Math.max(1, elapsed + begun + later);
    const left = share >= LEAST_SHARE ? (begun + later) / 1000 : undefined;
    return { now: open.map(({ name }) => name).join(", "), share, left, ahead: [...ahead.keys()] };
  };
  return {
    begin: (name) => {
      tick();
      ahead.delete(name);
      open.push({ name, spent: 0 });
    },
    end: () => {
      tick();
      const stage = open.pop();
      if (stage === undefined) return;
      spent += stage.spent;
      const weight = judgedWeight(stage.name);
      if (weight > 0) judged.spent += stage.spent;
      judged.weight += weight;
      // A stage that comes back belongs to what came before: its time was planned once.
      weightOf.delete(stage.name);
    },
    reporting: (context) => {
      const { onProgress } = context;
      if (onProgress === undefined) return context;
      const show = (progress: Progress) => {
        tick();
        const stage = open.at(-1);
        if (stage !== undefined && isCounted(progress)) stage.share = progress.done / progress.total;
        onProgress({ ...progress, run: progressOf() });
      };
      return { ...context, onProgress: show };
    },
  };
}

/** A stage that takes longer than planned is expected to take a tenth more than it has. */
const OVERRUN = 1.1;

/** Work whose count is that of a whole stage: encoding, and the search of settings. */
function isCounted({ stage, total }: Progress): boolean {
  return total > 0 && /^encode|choose settings$/.test(stage);
}
