/**
 * Progress of long calls on stderr: a bar with rate and time left that redraws in place on a terminal. Elsewhere it is one plain line
 * every few seconds, so that logs stay readable. Once a longer stage is done, a line says what it took. A job of many stages is
 * one line: how far it is, what is left, what runs and what is ahead.
 */
import type { Progress, RunProgress } from "../../run-context.ts";
import { truncate } from "./table.ts";

export interface ProgressDisplay {
  /** Shows one report; meant as `RunContext.onProgress`. */
  show(progress: Progress): void;
  /** Leaves the cursor on a fresh line. Call before other output. */
  finish(): void;
}

export interface ProgressTarget {
  /** Redraw in place, or write lines. */
  readonly interactive: boolean;
  readonly width: number;
  write(text: string): void;
  /** Milliseconds. */
  now(): number;
}

const redrawEvery = 100;
const lineEvery = 3000;
const runLineEvery = 20_000;
const barWidth = 24;
const clearLine = "\r\u001b[2K";

interface StageClock {
  readonly stage: string;
  readonly since: number;
  readonly from: number;
  last: Progress;
}

/** A display that writes to `target`. Stages may repeat: a smaller `done` starts the clock again. */
export function createProgressDisplay(target: ProgressTarget): ProgressDisplay {
  let clock: StageClock | undefined;
  let drawn = false;
  // Across stages: many short ones in a row must not look like a standstill.
  let shownAt = target.interactive ? 0 : target.now();
  const isDue = () => target.now() - shownAt >= (target.interactive ? redrawEvery : lineEvery);
  const close = () => {
    if (clock === undefined) return;
    const took = target.now() - clock.since;
    if (target.interactive) target.write(clearLine);
    if (took >= (target.interactive ? 1000 : lineEvery) || (!target.interactive && isDue())) {
      shownAt = target.now();
      target.write(`${clock.stage}: done in ${duration(took)}\n`);
    }
    clock = undefined;
  };
  const showRun = (progress: Progress, run: RunProgress) => {
    const now = target.now();
    if (now - shownAt < (target.interactive ? redrawEvery : runLineEvery)) return;
    shownAt = now;
    const line = describeRun(progress, run, target.interactive);
    target.write(target.interactive ? clearLine + truncate(line, target.width - 1) : `${line}\n`);
    drawn = target.interactive;
  };
  const show = (progress: Progress) => {
    if (progress.run !== undefined) return showRun(progress, progress.run);
    const now = target.now();
    if (clock !== undefined && (clock.stage !== progress.stage || progress.done < clock.last.done)) close();
    clock ??= { stage: progress.stage, since: now, from: progress.done, last: progress };
    clock.last = progress;
    if (progress.done >= progress.total) close();
    else if (isDue()) {
      shownAt = now;
      const line = describe(clock, now, target.interactive);
      target.write(target.interactive ? clearLine + truncate(line, target.width - 1) : `${line}\n`);
    }
  };
  const finish = () => {
    if (drawn) target.write(clearLine);
    drawn = false;
    close();
  };
  return { show, finish };
}

/** "42 %, about 70 s left: cold-items, als 5/12; then warm-tail, fit, report, save". */
function describeRun(
  { stage, done, total }: Progress,
  { share, left, ahead, now }: RunProgress,
  withBar: boolean,
): string {
  const far = left === undefined ? "" : `${Math.floor(100 * share)} %, about ${duration(1000 * left)} left: `;
  const part = now === "" || stage.startsWith(now) ? stage : `${now}, ${stage}`;
  const then = ahead.length === 0 ? "" : `; then ${ahead.join(", ")}`;
  return `${withBar ? `${barOf(share)} ` : ""}${far}${part} ${done}/${total}${then}`;
}

function barOf(share: number): string {
  const filled = Math.round(share * barWidth);
  return "█".repeat(filled) + "░".repeat(barWidth - filled);
}

function describe(clock: StageClock, now: number, withBar: boolean): string {
  const { stage, done, total, note } = clock.last;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const rate = (done - clock.from) / Math.max(1e-3, (now - clock.since) / 1000);
  const parts = [
    `${stage}${withBar ? ` ${barOf(share)}` : ":"} ${done}/${total} (${Math.floor(100 * share)}%)`,
    ...(rate > 0 ? [`${rateOf(rate)}/s`, `${duration((1000 * (total - done)) / rate)} left`] : []),
    ...(note === undefined ? [] : [note]),
  ];
  return parts.join(", ");
}

function rateOf(rate: number): string {
  return rate < 100 ? rate.toPrecision(3) : Math.round(rate).toLocaleString("en-US");
}

/** A span as people say it: "0.4 s", "12 s", "3 min 5 s". */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
