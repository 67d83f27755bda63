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

/**
 * Seconds by stage of a middling run; encoding may be cached and judges no other stage. The hybrid takes most of a protocol, and other
 * models little.
 */
const WEIGHTS = { read: 2, encode: 10, settings: 20, fit: 7, report: 4, save: 1.5 };
const PROTOCOL = { itself: 12, aModel: 0.8, aModelOfItems: 0.1 };

/** The stages of a run, in order. */
export function planOf(
  { evaluation }: Pick<PipelineConfig, "evaluation">,
  protocols: readonly Protocol[],
  { evaluates, saves }: { readonly evaluates: boolean; readonly saves: boolean },
): PlannedStage[] {
  const { models, seeds } = evaluation;
  const asked = evaluates ? askedGroups(evaluation, protocols).flatMap((group) => group.protocols) : [];
  const measured = asked.map(({ name, asks, splits }) => {
    const { itself, aModel, aModelOfItems } = PROTOCOL;
    const alone = asks === "items" ? aModelOfItems * models.length : itself + aModel * models.length;
    return { name, weight: alone * (splits.repeated ? (seeds?.length ?? 1) : 1) };
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

/** A stage's own count is believed from this share of it on. */
const LEAST_COUNT = 0.05;

/**
 * Share of the plan that tells how fast this machine is on these data; reading alone does not. Less is enough while a stage that counts
 * its work takes most of the time, such as an hour of encoding.
 */
const LEAST_EVIDENCE = 0.03;

/** A stage that ends in less than this share of its expected time will come back. */
const LEAST_VISIT = 0.25;

interface OpenStage {
  readonly name: string;
  /** Share of its own work, where it counts that, and what it had spent when the count began. */
  count?: { readonly share: number; readonly from: number };
}

/** Time by weight, of so much weight. */
interface Evidence {
  readonly scale: number;
  readonly weight: number;
}

/** `now`: milliseconds. A stage outside the plan takes time of its own. */
export function createRunClock(plan: readonly PlannedStage[], now: () => number = () => performance.now()): RunClock {
  const judges = plan.filter(({ name }) => name !== "encode");
  const wholePlan = judges.reduce((sum, { weight }) => sum + weight, 0);
  const spentOf = new Map<string, number>();
  const done = new Set<string>();
  const open: OpenStage[] = [];
  let last = now();
  const spentOn = (name: string): number => spentOf.get(name) ?? 0;
  const tick = () => {
    const [time, stage] = [now(), open.at(-1)];
    if (stage !== undefined) spentOf.set(stage.name, spentOn(stage.name) + time - last);
    last = time;
  };
  /** What an open stage takes by its own count. */
  const countedWhole = ({ name, count }: OpenStage): number | undefined =>
    count !== undefined && count.share > LEAST_COUNT
      ? count.from + (spentOn(name) - count.from) / count.share
      : undefined;
  const evidence = (): Evidence => {
    let [time, weight] = [0, 0];
    for (const { name, weight: planned } of judges) {
      const opened = open.find((stage) => stage.name === name);
      const whole = done.has(name) ? spentOn(name) : opened && countedWhole(opened);
      if (whole === undefined) continue;
      time += spentOn(name);
      weight += whole > 0 ? (planned * spentOn(name)) / whole : planned;
    }
    return { scale: weight > 0 ? time / weight : 0, weight };
  };
  const weightOf = (name: string): number => judges.find((stage) => stage.name === name)?.weight ?? 0;
  const leftOf = (stage: OpenStage, scale: number): number => {
    const spent = spentOn(stage.name);
    const planned = weightOf(stage.name) * scale;
    if (done.has(stage.name)) return Math.max(0, planned - spent);
    return (countedWhole(stage) ?? Math.max(planned, OVERRUN * spent)) - spent;
  };
  const progressOf = (): RunProgress => {
    const { scale, weight } = evidence();
    const ahead = plan.filter(({ name }) => !done.has(name) && open.every((stage) => stage.name !== name));
    const elapsed = [...spentOf.values()].reduce((sum, spent) => sum + spent, 0);
    const begun = open.reduce((sum, stage) => sum + leftOf(stage, scale), 0);
    const later = ahead.reduce((sum, stage) => sum + Math.max(0, stage.weight * scale - spentOn(stage.name)), 0);
    const isCertain = open.some((stage) => countedWhole(stage) !== undefined) && later < (elapsed + begun) / 2;
    const isJudged = weight >= LEAST_EVIDENCE * wholePlan || (weight > 0 && isCertain);
    const share = isJudged ? elapsed / Math.max(1, elapsed + begun + later) : 0;
    const left = share >= LEAST_SHARE ? (begun + later) / 1000 : undefined;
    return { now: open.map(({ name }) => name).join(", "), share, left, ahead: ahead.map(({ name }) => name) };
  };
  return {
    begin: (name) => {
      tick();
      open.push({ name });
    },
    end: () => {
      tick();
      const { scale } = evidence();
      const stage = open.pop();
      if (stage === undefined) return;
      if (spentOn(stage.name) >= LEAST_VISIT * scale * weightOf(stage.name)) done.add(stage.name);
      // What is planned before a stage that has ended does not come back, but for what is still open around it.
      const place = plan.findIndex(({ name }) => name === stage.name);
      for (const { name } of plan.slice(0, Math.max(0, place)))
        if (open.every((one) => one.name !== name)) done.add(name);
    },
    reporting: (context) => {
      const { onProgress } = context;
      if (onProgress === undefined) return context;
      const show = (progress: Progress) => {
        tick();
        const stage = open.at(-1);
        if (stage !== undefined && isCounted(progress)) stage.count = countOf(stage, progress, spentOn(stage.name));
        onProgress({ ...progress, run: progressOf() });
      };
      return { ...context, onProgress: show };
    },
  };
}

/** A count that falls back is another one: what went before does not belong to it. */
function countOf({ count }: OpenStage, { done, total }: Progress, spent: number): OpenStage["count"] {
  const share = done / total;
  return { share, from: count === undefined || share < count.share ? spent : count.from };
}

/** A stage that takes longer than planned is expected to take a tenth more than it has. */
const OVERRUN = 1.1;

/** Work whose count is that of a whole stage: encoding, and the search of settings. */
function isCounted({ stage, total }: Progress): boolean {
  return total > 0 && /^encode|choose settings$/.test(stage);
}
